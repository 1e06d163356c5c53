/* Statuses: what functions that can fail return.
 *
 * 0 is success. -errno (between -1 and -4095) is an error of the system. Boucle itself returns -EINVAL (the function
 * never accepts that argument: a handle or a callback that is NULL, a time that is NaN), -ENOMEM and -ERANGE.
 * Boucle's own codes are below -10000. New versions add codes, and never change one. */
#ifndef BOUCLE_STATUS_H
#define BOUCLE_STATUS_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* The statuses. exception_new_from_status makes the exception that asyncio raises in its place. */
enum {
  LOOP_OK = 0,
  LOOP_EINVALIDSTATE = -10001, /* the future is already done, or not done yet: asyncio.InvalidStateError */
  LOOP_ECANCELLED = -10002,    /* the future or the task was cancelled: asyncio.CancelledError */
  LOOP_EEXCEPTION = -10003,    /* the future or the task failed; its exception says why */
  LOOP_ECLOSED = -10004,       /* the loop is closed */
  LOOP_ERUNNING = -10005,      /* the loop is already running, or another loop runs in this thread */
  LOOP_ESTOPPED = -10006,      /* the loop was stopped before the future was done */
  LOOP_EDEADLOCK = -10007,     /* virtual clock: nothing is ready, and nothing can make it ready */
  LOOP_EWRONGTHREAD = -10008,  /* another thread is running the loop */
  LOOP_EFORKED = -10009,       /* the loop was made in another process, before fork(): see convention 9 */
  LOOP_EEXIT = -10010,         /* SystemExit or KeyboardInterrupt ended the run: see loop_take_exit */
  LOOP_ENOTASK = -10011,       /* the function needs a running task, and there is none */
  LOOP_EWRONGLOOP = -10012,    /* the objects belong to different loops */
  LOOP_EKIND = -10013,         /* the value is of another kind */
  LOOP_ENOTSUPPORTED = -10014, /* the object does not support that, or the library was built without it */
  LOOP_EBUSY = -10015,         /* the object is in use or used up, or the step has already chosen what comes next */
  LOOP_ENOTLOCKED = -10016,    /* the lock is not acquired */
  LOOP_EQUEUEEMPTY = -10017,   /* asyncio.QueueEmpty */
  LOOP_EQUEUEFULL = -10018,    /* asyncio.QueueFull */
  LOOP_EQUEUESHUTDOWN = -10019, /* asyncio.QueueShutDown */
  LOOP_EOVERRELEASED = -10020, /* it was released, or marked as done, more often than acquired or put */
  LOOP_ESHUTTINGDOWN = -10021, /* the task group is shutting down, or finished */
  LOOP_EEXPIRED = -10022,      /* the timeout was not entered, or is over */
  LOOP_ERECURSION = -10023,    /* the tasks wait for each other in a circle: RecursionError */
  LOOP_ENOPOLLER = -10024,     /* BOUCLE_POLLER in the environment names no poller of this library */
  LOOP_ENOADDRESS = -10025,    /* the host is no IPv4 or IPv6 address in digits; loop_getaddrinfo looks names up */
  LOOP_EGAI = -10026           /* a name, or an address, could not be resolved; the exception says why: gaierror */
};

/* Returns the name of a status, as "LOOP_ERUNNING" or "EINVAL"; "UNKNOWN" for an unknown code.
 *   Ownership: lends static text
 *   Thread: any
 *   Errors: none */
BOUCLE_API const char *loop_status_name(int status);

/* Returns what a status means, without a full stop, as "the loop is closed"; for -errno, the system's text.
 *   Ownership: lends static text
 *   Thread: any
 *   Errors: none; "unknown status" for an unknown code */
BOUCLE_API const char *loop_status_message(int status);

BOUCLE_END_DECLS

#endif
