package server

import (
	"container/list"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/medtech-detect/sepsis"
)

// Limits bounds what callers can take. The zero value bounds nothing but bodies.
type Limits struct {
	Rate     float64 // requests a second, of one caller, in the long run, and beside them patients of batches; 0 for no bound. The caller on this machine has none
	Burst    int     // requests of one caller at once, above the rate, and patients of batches; at least 1 where there is a rate
	InFlight int     // predictions that are worked on; 0 for no bound. Beside them, a quarter as many batches, and a sixteenth as many that wait for the store, and that gather figures
}

// maxCallers is how many callers are remembered, for their rate. Beyond, the one who was silent longest is forgotten:
// without a key, anybody can be many addresses.
const maxCallers = 10_000

// callers holds each caller to the rate.
type callers struct {
	limits Limits
	mutex  sync.Mutex
	known  map[string]*list.Element // of caller
	recent *list.List               // who called last comes first
}

type caller struct {
	name     string // or an address, of those who failed to show who they are
	requests *rate.Limiter
	patients *rate.Limiter // of batches, apart so that a batch that takes all it may have leaves the caller their other requests
	success  atomic.Int64  // of an address: when a caller last came from there, in seconds since 1970; 0 for never
}

func newCallers(limits Limits) *callers {
	limits.Burst = max(limits.Burst, 1)
	return &callers{limits: limits, known: map[string]*list.Element{}, recent: list.New()}
}

// wait counts a request. It tells how long its caller should have waited, or 0.
func (c *callers) wait(caller sepsis.Principal, address string, now time.Time) time.Duration {
	known := c.of(countedAs(caller.Name, address))
	if known == nil {
		return 0
	}
	reservation := known.requests.ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait > 0 {
		reservation.CancelAt(now)
	}
	return wait
}

// patients bounds those of a caller's batches; nil when nothing does.
func (c *callers) patients(caller, address string) *rate.Limiter {
	known := c.of(countedAs(caller, address))
	if known == nil {
		return nil
	}
	return known.patients
}

// of gives a caller; nil for one without bounds.
func (c *callers) of(name string) *caller {
	if c.limits.Rate <= 0 || name == sepsis.Local.Name {
		return nil
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if element, known := c.known[name]; known {
		c.recent.MoveToFront(element)
		return element.Value.(*caller)
	}
	if c.recent.Len() >= maxCallers {
		oldest := c.recent.Remove(c.recent.Back()).(*caller)
		delete(c.known, oldest.name)
	}
	limit := rate.Limit(c.limits.Rate)
	newcomer := &caller{name: name, requests: rate.NewLimiter(limit, c.limits.Burst), patients: rate.NewLimiter(limit, c.limits.Burst)}
	c.known[name] = c.recent.PushFront(newcomer)
	return newcomer
}

// Bounds on requests from one address whose key, token or certificate is not valid: generous, for many may be behind one proxy.
const (
	failuresASecond = 20
	failuresAtOnce  = 200
	// trustedFor is how long an address is not held to them from which a caller has come. Else a stranger, or one program with
	// an old key, could keep everybody out who comes through the same proxy.
	trustedFor = time.Hour
)

// strangers holds addresses to the number of times that they may fail.
type strangers struct{ *callers }

// newStrangers bounds nothing where callers have no rate.
func newStrangers(limits Limits) strangers {
	if limits.Rate <= 0 {
		return strangers{newCallers(Limits{})}
	}
	return strangers{newCallers(Limits{Rate: failuresASecond, Burst: failuresAtOnce})}
}

// wait is how long an address has to wait before it may try again; 0 when it may now.
func (s strangers) wait(address string, now time.Time) time.Duration {
	known := s.of(countedAs(sepsis.Anonymous, address))
	if known == nil || known.trusted(now) {
		return 0
	}
	reservation := known.requests.ReserveN(now, 1)
	defer reservation.CancelAt(now)
	return reservation.DelayFrom(now)
}

func (s strangers) failed(address string, now time.Time) {
	if known := s.of(countedAs(sepsis.Anonymous, address)); known != nil {
		known.requests.AllowN(now, 1)
	}
}

func (s strangers) succeeded(address string, now time.Time) {
	if known := s.of(countedAs(sepsis.Anonymous, address)); known != nil {
		known.success.Store(now.Unix())
	}
}

// trusted tells whether a caller has come from an address of late.
func (c *caller) trusted(now time.Time) bool {
	return now.Unix()-c.success.Load() < int64(trustedFor/time.Second)
}

// countedAs is the caller's name; those without one are told apart by address, and by network in IPv6, where
// everybody has 2^64 addresses.
func countedAs(caller, address string) string {
	if caller != sepsis.Anonymous {
		return caller
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return sepsis.Anonymous
	}
	parsed, err := netip.ParseAddr(host)
	if err != nil || parsed.Unmap().Is4() {
		return sepsis.Anonymous + " " + host
	}
	network, _ := parsed.Prefix(64) // an IPv6 address has as many bits
	return sepsis.Anonymous + " " + network.String()
}

// slots bounds how many requests of a kind are worked on. It is asked after the body has come, so that slow clients hold none.
type slots chan struct{}

// The slots of other kinds of requests, as parts of those of predictions.
const (
	// batchPart is of batches: one holds its slot from its beginning, however slowly its body comes, so that it may not hold one of those of
	// other requests.
	batchPart = 4
	// fewPart is of a kind that may keep no prediction from its slot.
	fewPart = 16
)

// newSlots are so many, or a part of them but at least one; nil, which bounds nothing, for 0.
func newSlots(inFlight, part int) slots {
	if inFlight <= 0 {
		return nil
	}
	return make(slots, max(1, inFlight/part))
}

// take is false when there is none.
func (s slots) take() bool {
	if s == nil {
		return true
	}
	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

func (s slots) free() {
	if s != nil {
		<-s
	}
}
