package server

import (
	"bytes"
	"sync"
	"sync/atomic"
)

// A chunk is handed out when it holds so many patients or bytes.
const (
	chunkPatients = 16
	chunkBytes    = 256 << 10
)

// chunk is some patients of a batch that stand one after the other, with their answers.
type chunk struct {
	bodies   []byte
	patients []enclosed
	answers  bytes.Buffer
	lists    atomic.Int64  // how long the lists in the answers may be together, in bytes
	answered chan struct{} // closed when all answers are there
}

// enclosed is a patient of a batch.
type enclosed struct {
	from, to int             // the body, in those of the chunk
	place    position        // in the batch
	refused  *problemDetails // why there is no body
}

// position is where a patient stands in a batch: its line, counted from 1, or its index in the array. One of them is set.
type position struct {
	line  int
	index *int
}

var chunks = sync.Pool{New: func() any { return new(chunk) }}

func newChunk() *chunk {
	c := chunks.Get().(*chunk)
	c.answered = make(chan struct{})
	return c
}

// release gives the chunk back, unless it has grown beyond what most need.
func (c *chunk) release() {
	if cap(c.bodies) > 2*chunkBytes || c.answers.Cap() > 2*chunkBytes {
		return
	}
	c.clear()
	c.answers.Reset()
	c.lists.Store(0)
	chunks.Put(c)
}

// clear forgets the patients.
func (c *chunk) clear() {
	clear(c.patients) // their problems
	c.bodies, c.patients = c.bodies[:0], c.patients[:0]
}

func (c *chunk) full() bool { return len(c.patients) >= chunkPatients || len(c.bodies) >= chunkBytes }

// keep adds the patient whose body was appended to the chunk's, from an offset on.
func (c *chunk) keep(from int, at position) {
	c.patients = append(c.patients, enclosed{from: from, to: len(c.bodies), place: at})
}

// refuse adds a patient whose body is not read.
func (c *chunk) refuse(p *problemDetails, at position) {
	c.patients = append(c.patients, enclosed{place: at, refused: p})
}

// drop takes the last patient out again, and tells where they stand.
func (c *chunk) drop() position {
	last := c.patients[len(c.patients)-1]
	c.patients = c.patients[:len(c.patients)-1]
	return last.place
}

func (c *chunk) body(p *enclosed) []byte { return c.bodies[p.from:p.to:p.to] }

// refuse is the problem as JSON, with the patient's place.
func (p *enclosed) refuse(problem *problemDetails) []byte {
	problem.Line, problem.Index = p.place.line, p.place.index
	return problem.encoded()
}
