package server

import (
	"context"
	"log/slog"
	"net/http"
)

// requestIDHeader carries the id of a request, by which the caller finds it in the log.
const requestIDHeader = "X-Request-Id"

// maxRequestID is the longest id that is taken over from a caller, in characters.
const maxRequestID = 64

// requestID is the caller's id of the request when it is sane, else a new one: a ULID. It is empty when there is no entropy.
func (s *server) requestID(r *http.Request, e *exchange) string {
	if sent := r.Header.Values(requestIDHeader); len(sent) == 1 && saneID(sent[0]) {
		return sent[0]
	}
	id, err := s.newID(e)
	if err != nil {
		return ""
	}
	return id.String()
}

// saneID tells whether an id is made of 1 to 64 letters and digits of ASCII, '.', '_' and '-': what needs no escaping in
// any log.
func saneID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

// requestLog adds the id of the request to each line that is logged with its context.
type requestLog struct{ slog.Handler }

// Handle adds the id.
func (h requestLog) Handle(ctx context.Context, record slog.Record) error {
	if e, within := ctx.Value(exchangeKey{}).(*exchange); within {
		record.AddAttrs(slog.String("request_id", e.requestID))
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs keeps adding it.
func (h requestLog) WithAttrs(attributes []slog.Attr) slog.Handler {
	return requestLog{h.Handler.WithAttrs(attributes)}
}

// WithGroup keeps adding it.
func (h requestLog) WithGroup(name string) slog.Handler { return requestLog{h.Handler.WithGroup(name)} }
