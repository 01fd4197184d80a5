package server

import "slices"

// maxFindings bounds the problems, and the warnings, that one answer lists: without it a body could ask for an answer many times its own
// size, and all that are worked on at once for more memory than there is. What is left out is counted.
const maxFindings = 1000

// findings collects problems or warnings and gives them in the order in which they stand in the body.
type findings[T any] struct {
	placed  []placed[T]
	omitted int
	last    int // which of placed stands last in the body, once there are as many as are listed
}

type placed[T any] struct {
	at   int64 // byte offset in the body
	item T
}

// add keeps those that stand first in the body.
func (f *findings[T]) add(at int64, item T) {
	if f.full() {
		f.omitted++
		if at >= f.placed[f.last].at {
			return
		}
		f.placed = slices.Delete(f.placed, f.last, f.last+1) // about the whole, which is found when all of it was read
	}
	f.placed = append(f.placed, placed[T]{at, item})
	if f.full() {
		f.findLast()
	}
}

func (f *findings[T]) findLast() {
	f.last = 0
	for i := range f.placed {
		if f.placed[i].at >= f.placed[f.last].at {
			f.last = i
		}
	}
}

func (f *findings[T]) full() bool { return len(f.placed) >= maxFindings }

// list sorts by place; what has the same place keeps the order in which it was found.
func (f *findings[T]) list() []T {
	slices.SortStableFunc(f.placed, func(a, b placed[T]) int { return int(a.at - b.at) })
	f.last = len(f.placed) - 1
	items := make([]T, len(f.placed))
	for i := range f.placed {
		items[i] = f.placed[i].item
	}
	return items
}

// first is the beginning of the list, and how many are left out of it.
func (f *findings[T]) first(most int) (items []T, omitted int) {
	items = f.list()
	kept := min(len(items), most)
	return items[:kept:kept], f.omitted + len(items) - kept
}
