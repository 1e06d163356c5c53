package boucle

// slots is the table of ids by which the library knows tasks and callbacks. 0 is that of what other goroutines post.
type slots struct {
	all   []any
	empty []int64
}

func (s *slots) put(v any) int64 {
	if n := len(s.empty); n > 0 {
		id := s.empty[n-1]
		s.empty = s.empty[:n-1]
		s.all[id] = v
		return id
	}
	if len(s.all) == 0 {
		s.all = append(s.all, nil)
	}
	s.all = append(s.all, v)
	return int64(len(s.all) - 1)
}

func (s *slots) get(id int64) any {
	if id <= 0 || id >= int64(len(s.all)) {
		return nil
	}
	return s.all[id]
}

func (s *slots) free(id int64) {
	s.all[id] = nil
	s.empty = append(s.empty, id)
}

// retire frees a task's id once the library is done with it and has been told to forget it.
func (s *slots) retire(t *taskSlot) {
	if t.dropped && t.forgotten && !t.retired {
		t.retired = true
		s.free(t.id)
	}
}

// taskSlot outlives its task: it is there until the library and this package are both done with the id.
type taskSlot struct {
	id                          int64
	task                        *task  // nil once its code has ended
	serial                      uint64 // ids are used again
	last                        func()
	own                         *owned // the task: once the loop is closed, and has no host any more
	dropped, forgotten, retired bool
}
