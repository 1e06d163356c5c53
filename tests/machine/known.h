/* Findings that are being mended: the machine avoids what would show them. Each is a row; when it is mended, its row says
 * 0, and then goes. */
#ifndef BOUCLE_TESTS_MACHINE_KNOWN_H
#define BOUCLE_TESTS_MACHINE_KNOWN_H

#define KNOWN_NEVER_WAITS 1     /* loop_ensure_coroutine of a coroutine that ends without ever waiting */
#define KNOWN_SIGNAL_STOP 1     /* loop_stop_threadsafe from a signal handler */
#define KNOWN_LAST_UNREF 1      /* the last loop_unref and loop_stop inside of a run */
#define KNOWN_TWICE 1           /* one coroutine given twice */
#define KNOWN_POSTED_HANDLE 1   /* handle_unref on the posting thread against loop_close */
#define KNOWN_CYCLES 1          /* tasks that await each other, or a gather of themselves, cancelled */
#define KNOWN_CANCEL_ORPHAN 1   /* task_cancel of a task that outlived its loop */
#define KNOWN_HANDLER_DESTROY 1 /* loop_set_exception_handler from the destroy of the handler being replaced */
#define KNOWN_HOST_KEEPS 1      /* a host that goes with tasks not forgotten, or reports not taken, keeps its loop */
#define KNOWN_CANCEL_RUNS 1     /* handle_cancel of a timer whose destroy runs the loop */
#define KNOWN_FAR_TIMES 1       /* the virtual clock at its end: run_once(1e300), timers at infinity */

#endif
