package server

import "slices"

// maxFindings bounds the problems, and the warnings, that one answer lists: without it a body of 4 MiB could
// ask for an answer many times its own size. What is left out is counted.
const maxFindings = 10_000

// findings collects problems or warnings and gives them in the order in which they stand in the body.
type findings[T any] struct {
	placed  []placed[T]
	omitted int
}

type placed[T any] struct {
	at   int64 // byte offset in the body
	item T
}

func (f *findings[T]) add(at int64, item T) {
	if f.full() {
		f.omitted++
		return
	}
	f.placed = append(f.placed, placed[T]{at, item})
}

func (f *findings[T]) full() bool { return len(f.placed) >= maxFindings }

// list sorts by place; what has the same place keeps the order in which it was found.
func (f *findings[T]) list() []T {
	slices.SortStableFunc(f.placed, func(a, b placed[T]) int { return int(a.at - b.at) })
	items := make([]T, len(f.placed))
	for i := range f.placed {
		items[i] = f.placed[i].item
	}
	return items
}
