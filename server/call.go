package server

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// maxBody is the largest body, in bytes: 4 MiB.
const maxBody = 4 << 20

// generousBody is how much room an announced body gets before any of it has come.
const generousBody = 64 << 10

// call is a request on its way through a route.
type call struct {
	request *http.Request
	writer  http.ResponseWriter
	accept  string // the type that was chosen for the answer
}

// Resolve is called by huma before the handler.
func (c *call) Resolve(ctx huma.Context) []error {
	c.request, c.writer = humago.Unwrap(ctx)
	return nil
}

// reply is a whole answer, already encoded, so that nothing can fail once its first byte was sent.
type reply struct {
	Status      int
	ContentType string `header:"Content-Type" hidden:"true"`
	Body        []byte
}

// add registers a route. Its handler runs when the client accepts one of the offered types; an answer without a
// body offers none.
func (s *server) add(operation huma.Operation, offered []string, handle func(c *call) (*reply, error)) {
	huma.Register(s.api, operation, func(_ context.Context, c *call) (*reply, error) {
		chosen, acceptable := negotiate(c.request.Header, offered)
		if !acceptable && len(offered) > 0 {
			return nil, newProblem(http.StatusNotAcceptable, "The answer can be given as "+strings.Join(offered, " or ")+".")
		}
		c.accept = chosen
		answer, err := handle(c)
		if err == nil { // net/http knows the length of short bodies only
			c.writer.Header().Set("Content-Length", strconv.Itoa(len(answer.Body)))
		}
		return answer, err
	})
}

// body reads the body of a JSON request.
func (c *call) body() ([]byte, *problemDetails) {
	if !isJSON(c.request.Header) {
		return nil, newProblem(http.StatusUnsupportedMediaType, "Send application/json in UTF-8, uncompressed.")
	}
	var read bytes.Buffer
	if announced := c.request.ContentLength; announced > 0 {
		read.Grow(int(min(announced, generousBody)) + bytes.MinRead) // one read more finds the end
	}
	_, err := read.ReadFrom(http.MaxBytesReader(c.writer, c.request.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, newProblem(http.StatusRequestEntityTooLarge, "A body may have 4 MiB.")
	}
	if err != nil {
		return nil, brokenOff()
	}
	return read.Bytes(), nil
}

// exchange is what the log tells of a request.
type exchange struct {
	start  time.Time
	answer string // the id of the prediction; empty when there is none
}

type exchangeKey struct{}

// of is the request as that of one of its patients.
func (c *call) of(e exchange) *http.Request {
	return c.request.WithContext(context.WithValue(c.request.Context(), exchangeKey{}, &e))
}

// exchangeOf finds what the log middleware put into the context.
func exchangeOf(r *http.Request) *exchange {
	return r.Context().Value(exchangeKey{}).(*exchange)
}
