/* Go's raw layer: every handle is a uintptr; arrays and out-parameters are pointers to their first element. The package
 * boucle makes an API for Go of it. Functions that take callbacks are not wrapped, because C never calls Go. */
%insert(cgo_comment_typedefs) %{
#cgo pkg-config: boucle
%}

%define HANDLE(name)
%typemap(gotype) name##_t *, const name##_t * "uintptr"
%typemap(gotype) name##_t **, name##_t *const * "*uintptr"
%enddef
HANDLE(loop)
HANDLE(loop_options)
HANDLE(handle)
HANDLE(future)
HANDLE(task)
HANDLE(task_options)
HANDLE(coroutine)
HANDLE(value)
HANDLE(exception)
HANDLE(report)
HANDLE(timeout)
HANDLE(task_group)
HANDLE(completion)
HANDLE(lock)
HANDLE(event)
HANDLE(condition)
HANDLE(semaphore)
HANDLE(barrier)
HANDLE(queue)
HANDLE(context)
HANDLE(context_var)
HANDLE(host)
%typemap(gotype) const void *, void * "uintptr"
%typemap(gotype) void **, const void **, const char ** "*uintptr"
%typemap(gotype) size_t "uintptr"
%typemap(gotype) size_t * "*uintptr"
%typemap(gotype) unsigned * "*uint32"
%typemap(gotype) int * "*int32"
%typemap(gotype) const int64_t * "uintptr"
%typemap(gotype) loop_clock_t, loop_poller_t, wait_mode_t, value_kind_t, enum SWIGTYPE "int32"
/* An empty message becomes NULL. */
%typemap(in) const char *message {
  $1 = NULL;
  if ($input.n) {
    $1 = (char *)malloc($input.n + 1);
    memcpy($1, $input.p, $input.n);
    $1[$input.n] = '\0';
  }
}
%typemap(freearg) const char *message "free($1);"

/* NULL of a look-up: any. */
%apply const char *message { const char *host, const char *service };

%ignore value_new_text;
%ignore value_new_text_sized;
%ignore loop_call_soon;
%ignore loop_call_soon_threadsafe;
%ignore loop_call_soon_locked;
%ignore loop_set_wait_hook;
%ignore loop_call_later;
%ignore loop_call_at;
%ignore loop_add_reader;
%ignore loop_add_writer;
%ignore loop_add_signal_handler;
%ignore loop_set_exception_handler;
%ignore loop_ensure_future;
%ignore loop_create_task;
%ignore loop_create_task_with;
%ignore loop_run;
%ignore future_add_done_callback;
%ignore future_remove_done_callback;
%ignore condition_wait_for;
%ignore task_group_ensure_future;
%ignore task_group_create_task;
%ignore task_await;
%ignore task_await_catch;
%ignore task_await_coroutine;
%ignore task_await_coroutine_catch;
%ignore task_await_take;
%ignore task_await_take_catch;
%ignore task_sleep;
%ignore task_sleep_catch;
%ignore value_new_foreign;
%ignore exception_new_foreign;
