/* Boucle: all of its headers, and an index of its functions. The conventions are at the top of boucle/base.h.
 *
 * RUN
 *   a whole program, as asyncio.run()          loop_run
 *   a loop of your own                         loop_new, loop_run_until_complete, loop_run_forever, loop_close
 *   options: clock, poller, debug, spinning    loop_options_new, loop_options_set_clock, loop_options_set_poller
 *   stop it; from another thread               loop_stop; loop_stop_threadsafe
 *   end it, after tasks have cleaned up        loop_shutdown, loop_close, loop_unref
 *   inside a foreign loop                      loop_fd, loop_timeout, loop_run_once
 *   test without waiting                       loop_options_set_clock with LOOP_CLOCK_VIRTUAL
 * SCHEDULE
 *   call a function soon, later, at a time     loop_call_soon, loop_call_later, loop_call_at
 *   cancel it; move it to a later time         handle_cancel; handle_again
 *   from another thread                        loop_call_soon_threadsafe
 *   when a descriptor is ready                 loop_add_reader, loop_add_writer, loop_remove_reader
 *   on a signal                                loop_add_signal_handler
 * TASKS OF STEPS (callbacks; no stack of their own)
 *   start one                                  loop_ensure_future
 *   wait in one: for a future; for a time      task_await, task_await_catch; task_sleep
 *   what was awaited                           task_awaited, task_awaited_exception
 *   end one                                    task_return, task_raise
 *   cancel; result; name                       task_cancel; task_result, task_exception; task_set_name
 * TASKS WITH A STACK (straight-line code)
 *   start one                                  loop_create_task
 *   wait in one                                await_future, await_coroutine, await_sleep
 *   why it failed; raise an exception          await_exception, await_exception_matches; await_raise
 *   with a timeout; with locks and queues      await_wait_for; await_lock_acquire, await_event_wait, await_queue_get
 *   a larger stack                             task_options_set_stack_size, loop_create_task_with
 * FUTURES
 *   make one; complete it                      loop_create_future; future_set_result, future_set_exception
 *   be called when it is done                  future_add_done_callback
 *   read it; cancel it                         future_result, future_exception; future_cancel
 * SEVERAL FUTURES OR TASKS
 *   all results                                loop_gather
 *   the first, or some; one by one             loop_wait; loop_as_completed
 *   with a timeout                             loop_wait_for, timeout_new, timeout_enter, timeout_exit
 *   tasks in a group                           task_group_new, task_group_ensure_future, task_group_exit
 *   protect one from cancellation              loop_shield
 *   await the coroutines that these make       task_await_coroutine, await_coroutine, loop_ensure_coroutine
 * SYNCHRONISE TASKS
 *   one at a time; at most n at a time         lock_new, lock_acquire; semaphore_new
 *   wait until something is true               event_new, event_wait; condition_new, condition_wait_for
 *   wait for each other                        barrier_new, barrier_wait
 *   pass items on                              queue_new, queue_put, queue_get, queue_shutdown
 * DESCRIPTORS AND SOCKETS
 *   wait for one                               loop_sock_readable, loop_sock_writable
 *   receive; send; accept                      loop_sock_recv; loop_sock_sendall; loop_sock_accept, value_take_fd
 * THREADS
 *   run a function that blocks                 loop_run_in_executor
 *   run a task from another thread             loop_ensure_future_threadsafe, concurrent_result
 * NAMES AND ADDRESSES
 *   look up a host; look up an address         loop_getaddrinfo; loop_getnameinfo
 *   make an address; of a Unix socket          address_new; address_new_unix
 *   from and to struct sockaddr                address_new_sockaddr; address_get_sockaddr
 *   read it                                    address_get_host, address_get_port, address_get_text
 * VALUES AND ERRORS
 *   make a value; read it                      value_new_int, value_new_text, value_new_list; value_kind, value_get_int
 *   carry an object of your own                value_new_foreign, value_get_foreign
 *   make an exception; test its kind           exception_new, exception_new_from_status; exception_matches
 *   read the code of a gaierror                exception_value
 *   what a status means                        loop_status_name, loop_status_message
 *   errors that no code handled                loop_set_exception_handler, report_message, report_exception
 *   variables of each task                     context_var_new, context_var_get, context_var_set
 * INSPECT AND DEBUG
 *   which loop, which task                     loop_get_running, loop_get_current, task_get_current, loop_all_tasks
 *   what is slow or was never awaited          loop_set_debug, loop_set_slow_callback_duration
 * BIND ANOTHER LANGUAGE
 *   one that C can call                        loop_ensure_future, value_new_foreign, exception_new_foreign
 *   one that calls C, but C cannot call it     host_new, host_run_begin, host_pump, host_run_end */
#ifndef BOUCLE_BOUCLE_H
#define BOUCLE_BOUCLE_H

#include <boucle/base.h>
#include <boucle/status.h>
#include <boucle/value.h>
#include <boucle/exception.h>
#include <boucle/handle.h>
#include <boucle/report.h>
#include <boucle/loop.h>
#include <boucle/future.h>
#include <boucle/task.h>
#include <boucle/coroutine.h>
#include <boucle/combine.h>
#include <boucle/sync.h>
#include <boucle/queue.h>
#include <boucle/context.h>
#include <boucle/host.h>
#include <boucle/executor.h>
#include <boucle/socket.h>
#include <boucle/concurrent.h>
#include <boucle/address.h>
#include <boucle/dns.h>

#endif
