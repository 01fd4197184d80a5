package server

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
)

// statusGone is what the log and the metrics call it when the client goes away before there is an answer; it is never sent. nginx
// calls it so, too (NGX_HTTP_CLIENT_CLOSED_REQUEST in its ngx_http_request.h).
const statusGone = 499

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int // 0 as long as nothing was sent
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(body []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(body)
}

// Unwrap gives http.ResponseController the writer beneath.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// logged gives the request its id and its model, counts it, and writes one line for it. The line names the route, never the
// path or the query as they were sent: those may hold patient data.
func (s *server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exchange := &exchange{start: s.Clock(), model: s.Models.current()}
		exchange.requestID = s.requestID(r, exchange)
		w.Header().Set(requestIDHeader, exchange.requestID)
		r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, exchange))
		recorder := &recorder{ResponseWriter: w}
		ended := s.metrics.began()
		defer func() { // also when the connection is cut by a panic
			duration, status := s.Clock().Sub(exchange.start), recorder.status
			if exchange.gone.Load() {
				status = statusGone
			}
			ended(routeOf(r), status, duration)
			s.Logger.LogAttrs(r.Context(), slog.LevelInfo, "request",
				slog.String("method", knownMethod(r.Method)), slog.String("route", routeOf(r)), slog.Int("status", status),
				slog.Duration("duration", duration), slog.String("answer", exchange.answer), slog.String("caller", exchange.caller))
		}()
		next.ServeHTTP(recorder, r)
	})
}

// knownMethod keeps a method of the caller's invention out of the log.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

func routeOf(r *http.Request) string {
	if r.Pattern == "" {
		return "none"
	}
	return r.Pattern
}

// recovered turns a panic into a 500 answer without detail, and logs it. When part of an answer was already
// sent, the connection is cut, so that nobody takes the part for the whole.
func recovered(logger *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := &recorder{ResponseWriter: w}
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, is := cause.(error); is && errors.Is(err, http.ErrAbortHandler) { // meant: the connection is to be cut
				panic(cause)
			}
			logger.ErrorContext(r.Context(), "panic", "cause", cause, "route", routeOf(r), "stack", string(debug.Stack()))
			if recorder.status != 0 {
				panic(http.ErrAbortHandler)
			}
			newProblem(http.StatusInternalServerError, "").write(w)
		}()
		next.ServeHTTP(recorder, r)
	})
}

// securityHeaders are on every answer. The pages need their own scripts, style sheets and icon, and this service; scripts
// cannot turn text into HTML or code (https://www.w3.org/TR/trusted-types/).
var securityHeaders = http.Header{
	"Cache-Control": {"no-store"},
	"Content-Security-Policy": {"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"},
	"Referrer-Policy":        {"no-referrer"},
	"X-Content-Type-Options": {"nosniff"},
}

func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), securityHeaders) // their values are shared and never changed
		if r.TLS != nil {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000") // a year
		}
		next.ServeHTTP(w, r)
	})
}

// routed answers requests for which there is no route as problems; http.ServeMux would answer with plain text.
func routed(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		verdict := &verdict{header: http.Header{}}
		handler.ServeHTTP(verdict, r)
		problem := newProblem(http.StatusNotFound, "There is no such route; /docs lists them.")
		if allow := verdict.header.Get("Allow"); allow != "" {
			problem = newProblem(http.StatusMethodNotAllowed, "This route answers to "+allow+".")
			problem.allow = allow
		}
		problem.write(w)
	})
}

// verdict keeps the headers of an answer that is not sent.
type verdict struct{ header http.Header }

func (v *verdict) Header() http.Header            { return v.header }
func (v *verdict) Write(body []byte) (int, error) { return len(body), nil }
func (v *verdict) WriteHeader(int)                {}
