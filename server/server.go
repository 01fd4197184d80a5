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
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/fhir"
)

// Config is what the server needs. Every field is required, but those that say what they are without.
type Config struct {
	Predictor sepsis.Predictor
	Clock     func() time.Time // the time of a request, for answer ids and the log
	Entropy   io.Reader        // 10 bytes for each answer id; reads are serialised
	Logger    *slog.Logger     // one line a request, never with patient data
	Version   string           // of the service, for the OpenAPI document

	PublicURL  string      // how clients reach the service, such as https://sepsis.example; empty: as their requests say
	Feedback   FeedbackLog // where feedback on cards goes; nil to keep none
	CDSClients CDSClients  // tells CDS clients by their token; nil to let all call
	CDSOrigins []string    // sites whose pages may call the routes of CDS Hooks, or "*"; nil for none
}

func (c Config) check() error {
	switch {
	case c.Predictor == nil:
		return errors.New("server: no predictor")
	case c.Clock == nil:
		return errors.New("server: no clock")
	case c.Entropy == nil:
		return errors.New("server: no entropy")
	case c.Logger == nil:
		return errors.New("server: no logger")
	case c.Version == "":
		return errors.New("server: no version")
	}
	return nil
}

type server struct {
	Config
	api        huma.API
	unfit      error // why the model must not be used; nil when its self-test passed
	openAPI    []byte
	docs       []byte
	variables  []byte
	capability []byte
	entropy    sync.Mutex
}

// New builds the service. It runs the model's self-test once: when that fails the service still starts, says so
// at /health, and refuses to predict with 503. The error tells what is missing in the configuration.
func New(c Config) (http.Handler, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	s := &server{Config: c, api: humago.New(mux, apiConfig(c.Version)), unfit: c.Predictor.SelfTest()}
	if s.unfit != nil {
		c.Logger.Error("the model failed its self-test", "error", s.unfit)
	}
	s.addRoutes()
	if err := s.render(); err != nil {
		return nil, err
	}
	return s.logged(inFHIR(recovered(c.Logger, secured(sharedCDS(c.CDSOrigins, routed(mux)))))), nil
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
