package server

import (
	"container/list"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/medtech-detect/sepsis"
)

// Limits bounds what callers can take. The zero value bounds nothing but bodies.
type Limits struct {
	Rate     float64 // requests a second, of one caller, in the long run; 0 for no bound. The caller on this machine has none
	Burst    int     // requests of one caller at once, above the rate; at least 1 where there is a rate
	InFlight int     // requests with a body that was read and no answer yet; 0 for no bound. Beside them, a quarter as many batches
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
	name    string
	limiter *rate.Limiter
}

func newCallers(limits Limits) *callers {
	limits.Burst = max(limits.Burst, 1)
	return &callers{limits: limits, known: map[string]*list.Element{}, recent: list.New()}
}

// wait counts a request. It tells how long its caller should have waited, or 0.
func (c *callers) wait(caller sepsis.Principal, address string, now time.Time) time.Duration {
	name := countedAs(caller.Name, address)
	if c.limits.Rate <= 0 || name == sepsis.Local.Name {
		return 0
	}
	reservation := c.limiter(name).ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait > 0 {
		reservation.CancelAt(now)
	}
	return wait
}

func (c *callers) limiter(name string) *rate.Limiter {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if element, known := c.known[name]; known {
		c.recent.MoveToFront(element)
		return element.Value.(*caller).limiter
	}
	if c.recent.Len() >= maxCallers {
		oldest := c.recent.Remove(c.recent.Back()).(*caller)
		delete(c.known, oldest.name)
	}
	newcomer := &caller{name: name, limiter: rate.NewLimiter(rate.Limit(c.limits.Rate), c.limits.Burst)}
	c.known[name] = c.recent.PushFront(newcomer)
	return newcomer.limiter
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

// slots bounds how many requests are worked on. It is asked after the body has come, so that slow clients hold none.
type slots chan struct{}

func newSlots(inFlight int) slots {
	if inFlight <= 0 {
		return nil
	}
	return make(slots, inFlight)
}

// newBatchSlots bounds how many batches there are at once. A batch holds its slot from its beginning, however slowly its body
// comes, so that it may not hold one of those of other requests.
func newBatchSlots(inFlight int) slots {
	if inFlight <= 0 {
		return nil
	}
	return newSlots(max(1, inFlight/4))
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
