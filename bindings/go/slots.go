package boucle

// slots is the table of the ids by which the library knows tasks and callbacks. Id 0 is that of callbacks that other
// goroutines post.
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

// freeTask frees a task's id if the library has dropped it and was told to forget the task.
func (s *slots) freeTask(t *taskSlot) {
	if t.dropped && t.forgotten && !t.freed {
		t.freed = true
		s.free(t.id)
	}
}

// taskSlot is the entry of a task. It may outlive the task: it stays until neither the library nor this package uses
// the id.
type taskSlot struct {
	id                        int64
	task                      *task  // nil once its code has ended
	serial                    uint64 // distinguishes the tasks that get the same id one after the other
	finally                   func()
	own                       *owned // the library's task, after the loop was closed; before that, the host has the reference
	dropped, forgotten, freed bool
}
