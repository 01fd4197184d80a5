package server

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	// maxBodies is how many bytes of bodies are held at once, 128 MiB: 29 of the largest of the JSON API, 5 of FHIR's, of as many callers, where their
	// length was told.
	maxBodies = 32 * maxBody
	// maxSmallBodies is how many bytes are kept free for small bodies, so that long ones leave them room: 16 MiB.
	maxSmallBodies = 16 << 20
	// smallBody is the longest body, by what is announced, that may be counted there: most requests have a few KiB.
	smallBody = generousBody
	// shareOfBodies is the part that one caller may hold of what others leave of either, a quarter: so no few callers can hold everything,
	// and one alone has as much as ever.
	shareOfBodies = 4
	// unannounced is how often a byte counts of a body whose length was not told: the buffer for it doubles until it is large enough.
	unannounced = 2
)

// bodies counts the bytes of bodies that are held, of all and of each caller: those of requests, and the answers from the audit log, which
// are long, too, until they are taken.
type bodies struct {
	mutex        sync.Mutex
	small, large pool
}

// pool is room for bodies, in bytes.
type pool struct {
	most, held int64
	of         map[string]int64 // held, by caller; those with none are not there
}

func newBodies() *bodies {
	return &bodies{small: pool{most: maxSmallBodies, of: map[string]int64{}}, large: pool{most: maxBodies, of: map[string]int64{}}}
}

// take is false when the caller has their share of what others leave.
func (p *pool) take(caller string, n int64) bool {
	own := p.of[caller]
	if left := p.most - (p.held - own); own+n > left/shareOfBodies {
		return false
	}
	p.held += n
	p.of[caller] += n
	return true
}

func (p *pool) free(caller string, n int64) {
	p.held -= n
	if p.of[caller] -= n; p.of[caller] == 0 {
		delete(p.of, caller)
	}
}

// metered lets the bodies of requests in as long as there is room. Of one body no more than maxBody is counted, unless held
// says that more of it is: who reads longer ones does not hold them whole.
func (b *bodies) metered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := &meteredBody{ReadCloser: r.Body, bodies: b, most: maxBody, times: 1, isSmall: r.ContentLength > 0 && r.ContentLength <= smallBody}
		if r.ContentLength < 0 {
			body.times = unannounced
		}
		body.caller = func() string { return countedAs(callerOf(r), r.RemoteAddr) } // known when the first byte is read
		defer body.free()
		r.Body = body
		next.ServeHTTP(w, r)
	})
}

type meteredBody struct {
	io.ReadCloser
	bodies       *bodies
	caller       func() string
	isSmall      bool
	times        int64  // that a byte counts
	read, most   int64  // of this body: what has come, and what is held of it at once, in bytes
	name         string // of the caller, once something is counted
	small, large int64  // what is counted, and where
	answer       int64  // what of it is the answer
}

// held says how much of a request's body is held at once, in bytes.
func held(r *http.Request, most int64) {
	if body, metered := r.Body.(*meteredBody); metered {
		body.most = most
	}
}

// expect counts bytes for which memory is taken before they come.
func expect(r *http.Request, n int64) error {
	if body, metered := r.Body.(*meteredBody); metered {
		return body.count(min(n, body.most))
	}
	return nil
}

// holdAnswer counts a request's answer, which is held until it was written: first what it is made of, then what it has grown to. An input
// of FHIR's longest may double when it stands in an answer, but of what it grows to no more than its length is counted, or nobody could
// ever have it.
func holdAnswer(r *http.Request, made, grown int64) error {
	body, metered := r.Body.(*meteredBody)
	if !metered {
		return nil
	}
	body.bodies.mutex.Lock()
	defer body.bodies.mutex.Unlock()
	n := max(made, min(grown, maxFHIRBody))
	more := n - body.answer
	if more <= 0 {
		return nil
	}
	if err := body.take(more, n <= smallBody); err != nil {
		return err
	}
	body.answer = n
	return nil
}

// longList is how many problems a refusal may list without taking room, and how many are listed of one of many patients: 100, some 20 KiB.
const longList = 100

// holdRefusal counts a refusal that lists many problems until it was taken: it may be fifty times as long as the body. It counts twice, for
// the list is held beside what is written. Where there is no room nothing was done, and the caller may come again.
func holdRefusal(r *http.Request, refused error) error {
	problem, is := errors.AsType[*problemDetails](refused)
	if !is || len(problem.Errors) <= longList {
		return refused
	}
	if holdAnswer(r, 2*int64(len(problem.encoded())), 0) != nil {
		return busy()
	}
	return refused
}

// errNoRoom is what a body's reader gets when too many others are held.
var errNoRoom = errors.New("too many bodies are held")

// count sees that so many bytes of the body, from its beginning, are counted.
func (m *meteredBody) count(n int64) error {
	m.bodies.mutex.Lock() // some of a batch's patients are answered meanwhile
	defer m.bodies.mutex.Unlock()
	more := n*m.times - (m.small + m.large - m.answer)
	if more <= 0 {
		return nil
	}
	return m.take(more, m.isSmall)
}

// take takes room for so many bytes more. The bodies are locked.
func (m *meteredBody) take(more int64, isSmall bool) error {
	if m.name == "" {
		m.name = m.caller()
	}
	switch {
	case isSmall && m.bodies.small.take(m.name, more):
		m.small += more
	case m.bodies.large.take(m.name, more):
		m.large += more
	default:
		return errNoRoom
	}
	return nil
}

func (m *meteredBody) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	m.read += int64(n)
	if m.count(min(m.read, m.most)) != nil {
		return 0, errNoRoom
	}
	return n, err
}

func (m *meteredBody) free() {
	m.bodies.mutex.Lock()
	defer m.bodies.mutex.Unlock()
	m.bodies.small.free(m.name, m.small)
	m.bodies.large.free(m.name, m.large)
}

// Bounds on the time of a body. Apache's mod_reqtimeout asks for 500 bytes a second after 20 seconds, nginx for anything
// within 60 (client_body_timeout); both answer 408. Here whoever began fast may not stall either, for what has come is held.
const (
	bodyTime    = 30 * time.Second // for the whole
	windowTime  = 5 * time.Second  // for the next windowBytes, or the end
	windowBytes = 80 << 10         // 16 KiB a second
)

const tooSlow = "The body came too slowly; send it whole, over a faster connection."

// paced is a body that must come at some speed; else reading fails with os.ErrDeadlineExceeded.
type paced struct {
	io.Reader
	controller *http.ResponseController
	clock      func() time.Time
	end        time.Time // of the whole
	window     time.Time // its end
	left       int       // bytes that the window has yet to bring
}

func newPaced(body io.Reader, w http.ResponseWriter, clock func() time.Time) *paced {
	p := &paced{Reader: body, controller: http.NewResponseController(w), clock: clock, end: clock().Add(bodyTime)}
	p.open()
	return p
}

// open begins the next window.
func (p *paced) open() {
	p.window, p.left = p.clock().Add(windowTime), windowBytes
	if p.window.After(p.end) {
		p.window = p.end
	}
	_ = p.controller.SetReadDeadline(p.window) // where there are no deadlines, there is no network
}

func (p *paced) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if p.left -= n; p.left <= 0 && err == nil {
		p.open()
	}
	return n, err
}

// done lets the answer take its time: net/http watches the connection meanwhile, and would take the deadline for the client's end.
func (p *paced) done() { _ = p.controller.SetReadDeadline(time.Time{}) }
