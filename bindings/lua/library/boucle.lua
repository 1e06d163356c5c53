---@meta boucle

-- Annotations for LuaLS (lua-language-server). docs/lua.md says what the functions do.

---@class boucle.Exception
---@field kind string
---@field message string?
---@field cause any
---@field members any[]?
---@field notes string[]
---@field status string?
---@field code integer? # of a gaierror: the number of the code in <netdb.h>
---@field matches fun(self: boucle.Exception, kind: string): boolean

---@class boucle.Address
---@field host fun(self: boucle.Address): string # in digits; of a Unix socket its path
---@field port fun(self: boucle.Address): integer
---@field family fun(self: boucle.Address): "ipv4"|"ipv6"|"unix"

---@class boucle.AddressInfo
---@field family "ipv4"|"ipv6"
---@field type "stream"|"datagram"|"raw"
---@field protocol integer
---@field canonical_name string
---@field address boucle.Address

---@class boucle.Handle
---@field cancel fun(self: boucle.Handle)
---@field again fun(self: boucle.Handle, seconds: number) # moves the call to so many seconds from now
---@field cancelled fun(self: boucle.Handle): boolean
---@field when fun(self: boucle.Handle): number

---@class boucle.Future
---@field done fun(self: boucle.Future): boolean
---@field cancelled fun(self: boucle.Future): boolean
---@field result fun(self: boucle.Future): any
---@field exception fun(self: boucle.Future): any
---@field details fun(self: boucle.Future): boucle.Exception?
---@field cancel fun(self: boucle.Future, message?: string): boolean
---@field set_result fun(self: boucle.Future, value: any)
---@field set_exception fun(self: boucle.Future, problem: any)
---@field add_done_callback fun(self: boucle.Future, fn: fun(future: boucle.Future))
---@field remove_done_callback fun(self: boucle.Future, fn: fun(future: boucle.Future)): integer
---@field get_loop fun(self: boucle.Future): boucle.Loop?

---@class boucle.Task: boucle.Future
---@field cancelling fun(self: boucle.Task): integer
---@field uncancel fun(self: boucle.Task): integer
---@field set_name fun(self: boucle.Task, name: string)
---@field get_name fun(self: boucle.Task): string
---@field set_log_destroy_pending fun(self: boucle.Task, log: boolean)

---@class boucle.Lock
---@field acquire fun(self: boucle.Lock): true
---@field release fun(self: boucle.Lock)
---@field locked fun(self: boucle.Lock): boolean
---@field with fun(self: boucle.Lock, fn: function, ...: any): any

---@class boucle.Semaphore: boucle.Lock

---@class boucle.Condition: boucle.Lock
---@field wait fun(self: boucle.Condition): true
---@field wait_for fun(self: boucle.Condition, predicate: fun(): any): any
---@field notify fun(self: boucle.Condition, count?: integer)
---@field notify_all fun(self: boucle.Condition)
---@field get_lock fun(self: boucle.Condition): boucle.Lock

---@class boucle.Event
---@field wait fun(self: boucle.Event): true
---@field set fun(self: boucle.Event)
---@field clear fun(self: boucle.Event)
---@field is_set fun(self: boucle.Event): boolean

---@class boucle.Barrier
---@field wait fun(self: boucle.Barrier): integer
---@field reset fun(self: boucle.Barrier)
---@field abort fun(self: boucle.Barrier)
---@field parties fun(self: boucle.Barrier): integer
---@field n_waiting fun(self: boucle.Barrier): integer
---@field broken fun(self: boucle.Barrier): boolean

---@class boucle.Queue
---@field put fun(self: boucle.Queue, value: any)
---@field get fun(self: boucle.Queue): any
---@field join fun(self: boucle.Queue)
---@field put_nowait fun(self: boucle.Queue, value: any)
---@field get_nowait fun(self: boucle.Queue): any
---@field iter fun(self: boucle.Queue): (fun(queue: boucle.Queue): any), boucle.Queue # takes items until the queue is shut down
---@field task_done fun(self: boucle.Queue)
---@field qsize fun(self: boucle.Queue): integer
---@field maxsize fun(self: boucle.Queue): integer
---@field empty fun(self: boucle.Queue): boolean
---@field full fun(self: boucle.Queue): boolean
---@field shutdown fun(self: boucle.Queue, immediate?: boolean)

---@class boucle.ContextVar
---@field get fun(self: boucle.ContextVar, loop?: boucle.Loop): any
---@field set fun(self: boucle.ContextVar, value: any, loop?: boucle.Loop)
---@field name fun(self: boucle.ContextVar): string

---@class boucle.Timeout
---@field reschedule fun(self: boucle.Timeout, when?: number)
---@field when fun(self: boucle.Timeout): number
---@field expired fun(self: boucle.Timeout): boolean
---@field state fun(self: boucle.Timeout): string

---@class boucle.TaskGroup
---@field create_task fun(self: boucle.TaskGroup, fn: function, ...: any): boucle.Task
---@field spawn fun(self: boucle.TaskGroup, fn: function, ...: any)
---@field state fun(self: boucle.TaskGroup): string

---@class boucle.Completions
---@field next fun(self: boucle.Completions): any
---@overload fun(): (fun(): any)?

---@class boucle.Context
---@field message string
---@field exception any
---@field details boucle.Exception?
---@field task boucle.Task?
---@field future boucle.Future?
---@field callback function?

---@class boucle.Loop
---@field run_until_complete fun(self: boucle.Loop, x: boucle.Future|function, ...: any): any
---@field run_forever fun(self: boucle.Loop)
---@field run_once fun(self: boucle.Loop, timeout?: number)
---@field stop fun(self: boucle.Loop)
---@field shutdown fun(self: boucle.Loop)
---@field close fun(self: boucle.Loop)
---@field is_running fun(self: boucle.Loop): boolean
---@field is_closed fun(self: boucle.Loop): boolean
---@field time fun(self: boucle.Loop): number
---@field fd fun(self: boucle.Loop): integer
---@field timeout fun(self: boucle.Loop): number
---@field call_soon fun(self: boucle.Loop, fn: function, ...: any): boucle.Handle
---@field call_later fun(self: boucle.Loop, delay: number, fn: function, ...: any): boucle.Handle
---@field call_at fun(self: boucle.Loop, when: number, fn: function, ...: any): boucle.Handle
---@field create_future fun(self: boucle.Loop): boucle.Future
---@field create_task fun(self: boucle.Loop, fn: function, ...: any): boucle.Task
---@field ensure_future fun(self: boucle.Loop, x: boucle.Future|function, ...: any): boucle.Future
---@field spawn fun(self: boucle.Loop, fn: function, ...: any)
---@field gather fun(self: boucle.Loop, ...: any): boucle.Future
---@field shield fun(self: boucle.Loop, x: boucle.Future|function, ...: any): boucle.Future
---@field as_completed fun(self: boucle.Loop, futures: (boucle.Future|function)[], timeout?: number): boucle.Completions
---@field all_tasks fun(self: boucle.Loop): boucle.Task[]
---@field current_task fun(self: boucle.Loop): boucle.Task?
---@field add_reader fun(self: boucle.Loop, fd: integer, fn: function, ...: any)
---@field add_writer fun(self: boucle.Loop, fd: integer, fn: function, ...: any)
---@field remove_reader fun(self: boucle.Loop, fd: integer): boolean
---@field remove_writer fun(self: boucle.Loop, fd: integer): boolean
---@field add_signal_handler fun(self: boucle.Loop, signal: integer|string, fn: function, ...: any)
---@field remove_signal_handler fun(self: boucle.Loop, signal: integer|string): boolean
---@field set_exception_handler fun(self: boucle.Loop, fn?: fun(loop: boucle.Loop?, context: boucle.Context))
---@field call_exception_handler fun(self: boucle.Loop, context: table)
---@field set_debug fun(self: boucle.Loop, debug: boolean)
---@field get_debug fun(self: boucle.Loop): boolean
---@field set_slow_callback_duration fun(self: boucle.Loop, seconds: number)
---@field lock fun(self: boucle.Loop): boucle.Lock
---@field event fun(self: boucle.Loop): boucle.Event
---@field condition fun(self: boucle.Loop, lock?: boucle.Lock): boucle.Condition
---@field semaphore fun(self: boucle.Loop, value?: integer): boucle.Semaphore
---@field bounded_semaphore fun(self: boucle.Loop, value?: integer): boucle.Semaphore
---@field barrier fun(self: boucle.Loop, parties: integer): boucle.Barrier
---@field queue fun(self: boucle.Loop, maxsize?: integer): boucle.Queue
---@field lifo_queue fun(self: boucle.Loop, maxsize?: integer): boucle.Queue
---@field priority_queue fun(self: boucle.Loop, maxsize?: integer, less?: fun(a: any, b: any): boolean): boucle.Queue

---@class boucle
---@field version string
---@field run fun(fn: function, ...: any): any
---@field new_loop fun(options?: {clock?: "monotonic"|"virtual", poller?: "auto"|"epoll"|"poll", debug?: boolean, stack_size?: integer, spin?: number, timer_slack?: number, post_limit?: integer}): boucle.Loop
---@field get_running_loop fun(): boucle.Loop?
---@field get_event_loop fun(): boucle.Loop? # the running loop, or else the one that was set in this thread
---@field set_event_loop fun(loop?: boucle.Loop)
---@field current_task fun(loop?: boucle.Loop): boucle.Task?
---@field await fun(future: boucle.Future): any
---@field sleep fun(seconds: number)
---@field create_task fun(fn: function, ...: any): boucle.Task
---@field spawn fun(fn: function, ...: any) # creates a task without a handle
---@field readable fun(fd: integer) # suspends the task until the descriptor can be read
---@field writable fun(fd: integer) # suspends the task until the descriptor can be written
---@field sock_recv fun(fd: integer, max: integer): string # suspends the task until there is something; "" at the end
---@field sock_sendall fun(fd: integer, text: string) # suspends the task until all is sent
---@field sock_accept fun(fd: integer): integer # suspends the task until there is a connection; the caller closes it
---@field getaddrinfo fun(host?: string, service?: string|integer, options?: {family?: "ipv4"|"ipv6", type?: "stream"|"datagram"|"raw", passive?: boolean, canonical_name?: boolean, numeric_host?: boolean, numeric_service?: boolean, v4_mapped?: boolean, configured?: boolean, all?: boolean}): boucle.AddressInfo[] # suspends the task
---@field getnameinfo fun(address: boucle.Address, options?: {numeric_host?: boolean, numeric_service?: boolean, name_required?: boolean, datagram?: boolean, no_domain?: boolean}): string, string # suspends the task; the host, the service
---@field address fun(host: string, port: integer): boucle.Address
---@field unix_address fun(path: string): boucle.Address
---@field ensure_future fun(x: boucle.Future|function, ...: any): boucle.Future
---@field gather fun(...: any): boucle.Future
---@field shield fun(x: boucle.Future|function, ...: any): boucle.Future
---@field wait fun(futures: boucle.Future[], options?: {timeout?: number, return_when?: "FIRST_COMPLETED"|"FIRST_EXCEPTION"|"ALL_COMPLETED"}): boucle.Future[], boucle.Future[]
---@field wait_for fun(x: boucle.Future|function, seconds?: number, ...: any): any
---@field as_completed fun(futures: (boucle.Future|function)[], timeout?: number): boucle.Completions
---@field timeout fun(seconds: number?, fn: fun(block: boucle.Timeout, ...): any, ...: any): any
---@field timeout_at fun(when: number?, fn: fun(block: boucle.Timeout, ...): any, ...: any): any
---@field task_group fun(fn: fun(group: boucle.TaskGroup, ...): any, ...: any): any
---@field lock fun(): boucle.Lock
---@field event fun(): boucle.Event
---@field condition fun(lock?: boucle.Lock): boucle.Condition
---@field semaphore fun(value?: integer): boucle.Semaphore
---@field bounded_semaphore fun(value?: integer): boucle.Semaphore
---@field barrier fun(parties: integer): boucle.Barrier
---@field queue fun(maxsize?: integer): boucle.Queue
---@field lifo_queue fun(maxsize?: integer): boucle.Queue
---@field priority_queue fun(maxsize?: integer, less?: fun(a: any, b: any): boolean): boucle.Queue
---@field context_var fun(name: string, default?: any): boucle.ContextVar
---@field exception fun(kind: string, message?: string, cause?: any): boucle.Exception
---@field exception_group fun(message: string, members: any[]): boucle.Exception
---@field exception_of fun(problem: any): boucle.Exception
---@field raise fun(kind: string, message?: string, cause?: any)
---@field matches fun(problem: any, kind: string): boolean
---@field type fun(x: any): string?
---@field live_objects fun(): integer, integer
local boucle = {}

return boucle
