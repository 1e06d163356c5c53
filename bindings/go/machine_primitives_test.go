package boucle

// The operations of the random machine on locks, queues and scopes.

func addPrimitives() {
	addLocks()
	addConditions()
	addSemaphores()
	addBarriers()
}

func addLocks() {
	locks := func(m *machine) []*Lock { return m.locks }
	add("new lock", making, makes(func(m *machine) *[]*Lock { return &m.locks }, func(m *machine, l *Loop) (*Lock, error) { return NewLock(l) }))
	add("acquire", nil, on(locks, func(m *machine, p place, x *Lock) error { return x.Acquire(m.ctx(p)) }))
	add("unlock", []error{ErrNotLocked, ErrInvalid, ErrClosed}, on(locks, func(m *machine, p place, x *Lock) error { return x.Release() }))
	add("unref lock", none, on(locks, ignore(func(m *machine, x *Lock) {
		if m.oneIn(4) {
			x.Unref()
		}
	})))
	add("with lock", nil, on(locks, func(m *machine, p place, x *Lock) error {
		return x.With(m.ctx(p), func() error { m.code(p); m.panicOrExit(); return nil })
	}))
	events := func(m *machine) []*Event { return m.events }
	add("new event", making, makes(func(m *machine) *[]*Event { return &m.events }, func(m *machine, l *Loop) (*Event, error) { return NewEvent(l) }))
	add("wait event", nil, on(events, func(m *machine, p place, x *Event) error { return x.Wait(m.ctx(p)) }))
	add("set event", []error{ErrInvalid, ErrClosed}, on(events, func(m *machine, p place, x *Event) error {
		x.IsSet()
		if m.oneIn(2) {
			return x.Set()
		}
		return x.Clear()
	}))
	add("release event", none, on(events, ignore(func(m *machine, x *Event) { x.Release() })))
}

func addConditions() {
	conditions := func(m *machine) []*Condition { return m.conditions }
	add("new condition", of, makes(func(m *machine) *[]*Condition { return &m.conditions }, func(m *machine, l *Loop) (*Condition, error) {
		return NewCondition(l, pick(m, m.locks))
	}))
	add("condition's lock", none, on(conditions, ignore(func(m *machine, x *Condition) { keep(m, &m.locks, x.Lock()) })))
	add("wait condition", nil, on(conditions, func(m *machine, p place, x *Condition) error {
		return x.WaitFor(m.ctx(p), func() bool { return m.oneIn(2) })
	}))
	add("notify", []error{ErrNotLocked, ErrInvalid, ErrClosed}, on(conditions, func(m *machine, p place, x *Condition) error {
		if m.oneIn(2) {
			return x.NotifyAll()
		}
		return x.Notify(m.rng.Intn(4) - 1)
	}))
	add("release condition", none, on(conditions, ignore(func(m *machine, x *Condition) { x.Release() })))
}

func addSemaphores() {
	semaphores := func(m *machine) []*Semaphore { return m.semaphores }
	add("new semaphore", calling, makes(func(m *machine) *[]*Semaphore { return &m.semaphores }, func(m *machine, l *Loop) (*Semaphore, error) {
		if m.oneIn(2) {
			return NewSemaphore(l, m.rng.Intn(4)-1)
		}
		return NewBoundedSemaphore(l, m.rng.Intn(4)-1)
	}))
	add("acquire semaphore", nil, on(semaphores, func(m *machine, p place, x *Semaphore) error { x.Locked(); return x.Acquire(m.ctx(p)) }))
	add("release semaphore", []error{ErrOverReleased, ErrInvalid, ErrClosed}, on(semaphores, func(m *machine, p place, x *Semaphore) error { return x.Release() }))
	add("with semaphore", nil, on(semaphores, func(m *machine, p place, x *Semaphore) error {
		return x.With(m.ctx(p), func() error { m.code(p); m.panicOrExit(); return nil })
	}))
	add("unref semaphore", none, on(semaphores, ignore(func(m *machine, x *Semaphore) { x.Unref() })))
}

func addBarriers() {
	barriers := func(m *machine) []*Barrier { return m.barriers }
	add("new barrier", calling, makes(func(m *machine) *[]*Barrier { return &m.barriers }, func(m *machine, l *Loop) (*Barrier, error) {
		return NewBarrier(l, m.rng.Intn(4)-1)
	}))
	add("wait barrier", nil, on(barriers, func(m *machine, p place, x *Barrier) error { x.Parties(); _, err := x.Wait(m.ctx(p)); return err }))
	add("end barrier", nil, on(barriers, func(m *machine, p place, x *Barrier) error {
		if m.oneIn(3) {
			return x.Abort(m.ctx(p))
		}
		return x.Reset(m.ctx(p))
	}))
	add("release barrier", none, on(barriers, ignore(func(m *machine, x *Barrier) { x.Release() })))
}

func addQueues() {
	queues := func(m *machine) []*Queue[any] { return m.queues }
	add("new queue", making, makes(func(m *machine) *[]*Queue[any] { return &m.queues }, func(m *machine, l *Loop) (*Queue[any], error) {
		size := m.rng.Intn(4) - 1
		switch m.rng.Intn(3) {
		case 0:
			return NewLifoQueue[any](l, size)
		case 1:
			return NewPriorityQueue[any](l, size)
		}
		return NewQueue[any](l, size)
	}))
	add("put", nil, on(queues, func(m *machine, p place, q *Queue[any]) error { return q.Put(m.ctx(p), m.value()) }))
	add("get", nil, on(queues, func(m *machine, p place, q *Queue[any]) error { _, err := q.Get(m.ctx(p)); return err }))
	add("put nowait", nil, on(queues, func(m *machine, p place, q *Queue[any]) error { return q.PutNowait(m.value()) }))
	add("get nowait", nil, on(queues, func(m *machine, p place, q *Queue[any]) error { _, err := q.GetNowait(); return err }))
	add("task done", []error{ErrOverReleased, ErrInvalid, ErrClosed}, on(queues, func(m *machine, p place, q *Queue[any]) error { return q.TaskDone() }))
	add("join", nil, on(queues, func(m *machine, p place, q *Queue[any]) error { return q.Join(m.ctx(p)) }))
	add("shut queue down", []error{ErrInvalid, ErrClosed}, on(queues, func(m *machine, p place, q *Queue[any]) error {
		if !m.oneIn(4) {
			return nil
		}
		return q.Shutdown(m.oneIn(2))
	}))
	add("release queue", none, on(queues, ignore(func(m *machine, q *Queue[any]) { q.Release() })))
	vars := func(m *machine) []*ContextVar[any] { return m.vars }
	add("new variable", none, func(m *machine, p place) error {
		keep(m, &m.vars, NewContextVar[any]("v", m.value()))
		return nil
	})
	add("set variable", making, on(vars, func(m *machine, p place, v *ContextVar[any]) error {
		v.Get(pick(m, m.loops))
		return v.Set(pick(m, m.loops), m.value())
	}))
}

func addBlocks() {
	scopes := func(m *machine) []*Scope { return m.scopes }
	add("new scope", making, makes(func(m *machine) *[]*Scope { return &m.scopes }, func(m *machine, l *Loop) (*Scope, error) {
		return NewScope(l, m.delay())
	}))
	add("enter scope", nil, on(scopes, func(m *machine, p place, s *Scope) error { return s.Enter() }))
	add("exit scope", nil, on(scopes, func(m *machine, p place, s *Scope) error {
		if m.oneIn(2) {
			return s.Exit(nil)
		}
		return s.Exit(pick(m, machineErrors))
	}))
	add("reschedule", []error{ErrExpired, ErrInvalid, ErrClosed, ErrInvalidState}, on(scopes, func(m *machine, p place, s *Scope) error { return s.Reschedule(m.delay()) }))
	add("release scope", none, on(scopes, ignore(func(m *machine, s *Scope) { s.Release() })))
	groups := func(m *machine) []*TaskGroup { return m.groups }
	add("new group", making, makes(func(m *machine) *[]*TaskGroup { return &m.groups }, func(m *machine, l *Loop) (*TaskGroup, error) {
		return NewTaskGroup(l)
	}))
	add("enter group", nil, on(groups, func(m *machine, p place, g *TaskGroup) error { return g.Enter() }))
	add("exit group", nil, on(groups, func(m *machine, p place, g *TaskGroup) error {
		if m.oneIn(2) {
			return g.Exit(m.ctx(p), nil)
		}
		return g.Exit(m.ctx(p), pick(m, machineErrors))
	}))
	add("task in group", nil, on(groups, func(m *machine, p place, g *TaskGroup) error {
		t, err := g.EnsureFuture(m.body(g.loop))
		if err == nil {
			keep(m, &m.futures, &t.Future)
		}
		return err
	}))
	add("release group", none, on(groups, ignore(func(m *machine, g *TaskGroup) { g.Release() })))
}
