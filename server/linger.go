package server

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// Bounds on what is read of a body after its answer was given: 4 MiB more than the longest body that any route takes.
const (
	lingerBytes   = maxFHIRBody + maxBody
	lingerTime    = 2 * time.Second
	mostLingering = 64 // at once; beyond, connections are closed without
)

// lingering reads on for a while when an answer was given before the whole body had come, such as 413, and throws away what
// comes. Many clients send all before they read anything; a connection that is closed under them is reset, and the answer is lost (RFC 9112,
// section 9.6). Slots and room for bodies are free by then. In HTTP/2 a stream ends alone, and its answer arrives.
func (s *server) lingering(next http.Handler) http.Handler {
	places := newSlots(mostLingering, 1)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor > 1 || r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		body := &watchedBody{ReadCloser: r.Body}
		watched := r.WithContext(r.Context()) // net/http looks at the body of the request that it gave
		watched.Body = body
		next.ServeHTTP(w, watched)
		invited := body.begun || !strings.EqualFold(r.Header.Get("Expect"), "100-continue")
		if body.ended || !invited || !places.take() {
			return
		}
		defer places.free()
		s.discard(w, body)
	})
}

// discard sends the answer off and reads the rest of the body, within bounds. net/http closes the connection unless the body has ended.
func (s *server) discard(w http.ResponseWriter, body io.Reader) {
	controller := http.NewResponseController(w)
	if controller.SetReadDeadline(s.Clock().Add(lingerTime)) != nil {
		return // there is no network
	}
	if controller.Flush() != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, body, lingerBytes) // the client has gone, or came too slowly
}

// watchedBody knows how far a body was read.
type watchedBody struct {
	io.ReadCloser
	begun, ended bool // ended: to its end, or as far as it can be
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.begun = true
	b.ended = b.ended || err != nil
	return n, err
}
