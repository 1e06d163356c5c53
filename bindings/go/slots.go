package boucle

// slots is the table of ids by which the library knows tasks and callbacks. 0 is that of what other goroutines post.
type slots struct {
	entries []any
	freeIDs []int64
}

func (s *slots) add(v any) int64 {
	if n := len(s.freeIDs); n > 0 {
		id := s.freeIDs[n-1]
		s.freeIDs = s.freeIDs[:n-1]
		s.entries[id] = v
		return id
	}
	if len(s.entries) == 0 {
		s.entries = append(s.entries, nil)
	}
	s.entries = append(s.entries, v)
	return int64(len(s.entries) - 1)
}

func (s *slots) get(id int64) any {
	if id <= 0 || id >= int64(len(s.entries)) {
		return nil
	}
	return s.entries[id]
}

func (s *slots) free(id int64) {
	s.entries[id] = nil
	s.freeIDs = append(s.freeIDs, id)
}

// freeTask frees a task's id once the library is done with it and has been told to forget it.
func (s *slots) freeTask(t *taskSlot) {
	if t.dropped && t.forgotten && !t.freed {
		t.freed = true
		s.free(t.id)
	}
}

// taskSlot outlives its task: it is there until the library and this package are both done with the id.
type taskSlot struct {
	id                        int64
	task                      *task  // nil once its code has ended
	serial                    uint64 // ids are used again
	finally                   func()
	own                       *owned // the task: once the loop is closed, and has no host any more
	dropped, forgotten, freed bool
}
