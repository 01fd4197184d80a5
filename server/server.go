// Package server is the HTTP border: it reads what clients send, asks the model, and answers.
//
// It refuses what is not coherent and never repairs it. The input vocabulary, the checks, the OpenAPI document
// and the documentation page are all made from the tables of package sepsis.
package server

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/fhir"
	"github.com/medtech-detect/sepsis/web"
)

// Config is what the server needs. The first fields are required; without one of the others, what it is for is off.
type Config struct {
	Models  *Models          // the model, and how it is swapped
	Clock   func() time.Time // the time of a request, for answer ids and the log
	Entropy io.Reader        // 10 bytes for each answer id; reads are serialised
	Logger  *slog.Logger     // one line a request, never with patient data
	Version string           // of the service, for the OpenAPI document

	Shadow       sepsis.Predictor     // scored beside, recorded, never answered
	Evidence     *sepsis.Evidence     // of the model that it names, for GET /model/evidence; nil for none
	Monitor      Monitor              // counts predictions for GET /monitoring
	LogLinesLost func() uint64        // how many lines the log will never have, for the metrics; nil when that is not known
	AuditHeld    func() bool          // whether old predictions are kept longer than they should be, for the metrics; nil when none are erased
	Disk         func() (Disk, error) // what room the audit log has, for the metrics; nil when it is in a database
	TLSUntil     func() time.Time     // when the service's certificate ends, for the metrics; nil when it has none
	Audit        Audit                // where predictions are recorded; nil when no audit log is kept
	AuditLog     sepsis.AuditLog      // into which Audit records, to be read; nil exactly when Audit is
	AuditSpared  bool                 // whether predictions are given though Audit cannot write: readiness is then not about it
	Stopping     <-chan struct{}      // closed when the service begins to shut down
	Closing      <-chan struct{}      // closed when no request is accepted any more: batches are then read no further
	Gate         Gate                 // tells who calls; nil for a service that nobody but sepsis.Local can reach
	Limits       Limits               // what callers can take; zero for bounded bodies alone
	Origins      []string             // other sites whose pages may call, such as https://ehr.example; nil for none

	PublicURL  string     // how clients reach the service, such as https://sepsis.example; empty: as their requests say
	CDSClients CDSClients // tells the callers of CDS Hooks by their token, in place of the gate; they need PublicURL; nil to leave it to the gate
	CDSOrigins []string   // sites whose pages may call the routes of CDS Hooks, or "*"; nil for none
}

// Monitor watches the model in use. Safe for concurrent use.
type Monitor interface {
	// Observe counts a prediction by the model of that name; it must not keep the stay.
	Observe(at time.Time, by sepsis.ModelInfo, stay *sepsis.Stay, risk sepsis.Risk)
	// Monitoring tells how the model in use fares.
	Monitoring(now time.Time) sepsis.Monitoring
}

func (c Config) check() error {
	switch {
	case c.Models == nil:
		return errors.New("server: no models")
	case c.Clock == nil:
		return errors.New("server: no clock")
	case c.Entropy == nil:
		return errors.New("server: no entropy")
	case c.Logger == nil:
		return errors.New("server: no logger")
	case c.Version == "":
		return errors.New("server: no version")
	case (c.Audit == nil) != (c.AuditLog == nil):
		return errors.New("server: an audit without its log, or a log without its audit")
	case c.CDSClients != nil && c.PublicURL == "":
		return errors.New("server: CDS clients without a public URL: the audience of their tokens would be what the Host header says")
	}
	return nil
}

type server struct {
	Config
	api        huma.API
	webPage    web.Page
	shadow     *shadow // nil when there is none
	metrics    *metrics
	openAPI    []byte
	docs       []byte
	variables  []byte
	capability []byte
	entropy    sync.Mutex
	callers    *callers
	strangers  strangers
	slots      slots // of predictions whose body was read whole
	batches    slots
	storing    slots // of requests that wait for the store, seconds if it hangs
	gathering  slots // of requests for figures, which cost more than a prediction
}

// New builds the service. When the model failed its self-test the service still starts, says so
// at /health, and refuses to predict with 503. The error tells what is missing in the configuration.
func New(c Config) (http.Handler, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	page, err := web.Open()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	c.Logger = slog.New(requestLog{c.Logger.Handler()})
	s := &server{
		Config: c, api: humago.New(mux, apiConfig(c.Version)), webPage: page, metrics: newMetrics(), callers: newCallers(c.Limits), strangers: newStrangers(c.Limits),
		slots: newSlots(c.Limits.InFlight, 1), batches: newSlots(c.Limits.InFlight, batchPart),
		storing: newSlots(c.Limits.InFlight, fewPart), gathering: newSlots(c.Limits.InFlight, fewPart),
	}
	if unfit := s.Models.current().unfit; unfit != nil {
		c.Logger.Error("the model failed its self-test", "error", unfit)
	}
	s.shadow = newShadow(c.Shadow, runtime.GOMAXPROCS(0), s.metrics, c.Logger)
	s.metrics.watch(s)
	s.api.UseMiddleware(s.guarded)
	s.addRoutes()
	if err := s.render(); err != nil {
		return nil, err
	}
	inner := newBodies().metered(routed(mux))
	guarded, err := crossOrigin(c.Origins, inner)
	if err != nil {
		return nil, err
	}
	return s.lingering(s.logged(inFHIR(recovered(s.Logger, secured(sharedCDS(c.CDSOrigins, inner, guarded)))))), nil
}

// render makes the answers that never change.
func (s *server) render() (err error) {
	if s.variables, err = encode(vocabulary()); err != nil {
		return err
	}
	if s.capability, err = encode(fhir.NewCapabilityStatement(s.Version, s.Clock())); err != nil {
		return err
	}
	completeDocument(s.api.OpenAPI())
	if s.openAPI, err = encode(s.api.OpenAPI()); err != nil {
		return err
	}
	s.docs, err = renderDocs(s.api.OpenAPI())
	return err
}
