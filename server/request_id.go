package server

import (
	"context"
	"log/slog"
	"net/http"
	"regexp"
)

// requestIDHeader carries the id of a request, by which the caller finds it in the log.
const requestIDHeader = "X-Request-Id"

// The forms of an id that is taken over from a caller: a UUID, a ULID, a W3C traceparent (its trace id alone is hexadecimal), or 16
// to 64 hexadecimal digits. A name has none of them. What is decimal throughout may be a patient's number, and is not taken.
var (
	idForms   = regexp.MustCompile(`^(?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}|[0-9A-Fa-f]{16,64})$`)
	isDecimal = regexp.MustCompile(`^[0-9-]*$`)
)

// requestID is the caller's id of the request when it has one of the forms, else a new one: a ULID. It is empty when there is no entropy.
func (s *server) requestID(r *http.Request, e *exchange) string {
	if sent := r.Header.Values(requestIDHeader); len(sent) == 1 && madeByMachine(sent[0]) {
		return sent[0]
	}
	id, err := s.newID(e)
	if err != nil {
		return ""
	}
	return id.String()
}

func madeByMachine(id string) bool { return idForms.MatchString(id) && !isDecimal.MatchString(id) }

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
