package server_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/server"
)

// fakeGate believes the X-Caller header, whose words after the first are roles.
type fakeGate struct{}

func (fakeGate) Authenticate(r *http.Request) (sepsis.Principal, error) {
	words := strings.Fields(r.Header.Get("X-Caller"))
	if len(words) == 0 {
		return sepsis.Principal{}, &sepsis.Refusal{Cause: sepsis.NotKnown, Detail: "Send a key."}
	}
	caller := sepsis.Principal{Name: words[0]}
	for _, role := range words[1:] {
		caller.Roles = append(caller.Roles, sepsis.Role(role))
	}
	return caller, nil
}

// refusing refuses everybody with one error.
type refusing struct{ err error }

func (g refusing) Authenticate(*http.Request) (sepsis.Principal, error) {
	return sepsis.Principal{}, g.err
}

func guarded(t testing.TB, change func(*server.Config)) http.Handler {
	t.Helper()
	c := config(&fakePredictor{}, io.Discard)
	c.Gate = fakeGate{}
	change(&c)
	return serverOf(t, c)
}

func unchanged(*server.Config) {}

// publicRoutes are those that need no key, and that is a decision: they tell nothing that is not in the program.
var publicRoutes = []string{"/", "/caller", "/cds-services", "/docs", "/docs/style.css", "/fhir/metadata", "/health", "/livez", "/model", "/model/evidence", "/openapi.json", "/readyz", "/variables"}

// TestEveryRouteHasItsRole asks each route of the document without a key, and compares with what the document says.
func TestEveryRouteHasItsRole(t *testing.T) {
	handler := guarded(t, func(c *server.Config) { c.Evidence = &sepsis.Evidence{Model: c.Models.Info()} })
	document := loadDocument(t, handler)
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			recorder := send(handler, method, strings.NewReplacer("{", "", "}", "").Replace(path), "{}")
			open := slices.Contains(publicRoutes, path)
			if open != (operation.Security == nil) || open != (recorder.Code != http.StatusUnauthorized) {
				t.Errorf("%s %s: %d without a key; security is %v", method, path, recorder.Code, operation.Security)
			}
			if open {
				continue
			}
			refusalOf(t, path, recorder, http.StatusUnauthorized)
			if got := recorder.Header().Get("WWW-Authenticate"); got != "Bearer" {
				t.Errorf("%s %s: WWW-Authenticate %q", method, path, got)
			}
			roles := (*operation.Security)[0]["bearer"]
			if len(roles) != 1 || !slices.Contains(sepsis.Roles, sepsis.Role(roles[0])) {
				t.Errorf("%s %s needs %v", method, path, roles)
			}
			refusalOf(t, path, send(handler, method, path, "{}", "X-Caller", "clerk"), http.StatusForbidden)
		}
	}
	for _, path := range publicRoutes {
		if recorder := send(handler, "GET", path, ""); recorder.Code >= http.StatusBadRequest {
			t.Errorf("%s: %d", path, recorder.Code)
		}
	}
}

// refusalOf reads a refusal in the form that the route has for it.
func refusalOf(t *testing.T, path string, recorder *httptest.ResponseRecorder, status int) {
	t.Helper()
	if strings.HasPrefix(path, "/fhir/") {
		outcomeOf(t, recorder, status)
		return
	}
	problemOf(t, recorder, status)
}

func TestRoles(t *testing.T) {
	handler := guarded(t, unchanged)
	for caller, status := range map[string]int{
		"ward predict":       http.StatusOK,
		"boss admin":         http.StatusOK,
		"both audit predict": http.StatusOK,
		"auditor audit":      http.StatusForbidden,
		"nobody":             http.StatusForbidden,
		"liar predicting":    http.StatusForbidden,
	} {
		if recorder := send(handler, "POST", "/predict/patient", flatBody, "X-Caller", caller); recorder.Code != status {
			t.Errorf("%s: %d, want %d", caller, recorder.Code, status)
		}
	}
}

// TestWhatEachRoleReads: the key that Prometheus holds opens the metrics and no other route, not even the monitoring.
func TestWhatEachRoleReads(t *testing.T) {
	handler := guarded(t, unchanged)
	needs := map[string][]string{ // the roles that may, by what they need
		"predict": {"predict", "admin"},
		"metrics": {"metrics", "audit", "admin"},
		"audit":   {"audit", "admin"},
		"admin":   {"admin"},
	}
	for path, item := range loadDocument(t, handler).Paths.Map() {
		for method, operation := range item.Operations() {
			if operation.Security == nil {
				continue
			}
			needed := (*operation.Security)[0]["bearer"][0]
			if (needed == "metrics") != (path == "/metrics") {
				t.Errorf("%s %s needs %s", method, path, needed)
			}
			for _, role := range sepsis.Roles {
				refused := send(handler, method, path, "{}", "X-Caller", "caller "+string(role)).Code == http.StatusForbidden
				if refused == slices.Contains(needs[needed], string(role)) {
					t.Errorf("%s %s, which needs %s: refused to %s: %t", method, path, needed, role, refused)
				}
			}
		}
	}
	if recorder := send(handler, "GET", "/metrics", "", "X-Caller", "prometheus metrics"); recorder.Code != http.StatusOK {
		t.Errorf("/metrics: %d", recorder.Code)
	}
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		err                     error
		status                  int
		detail, retryAfter, www string
	}{
		{&sepsis.Refusal{Cause: sepsis.NotKnown, Detail: "Who?"}, http.StatusUnauthorized, "Who?", "", "Bearer"},
		{&sepsis.Refusal{Cause: sepsis.Misdirected, Detail: "Where?"}, http.StatusMisdirectedRequest, "Where?", "", ""},
		{&sepsis.Refusal{Cause: sepsis.CannotTell, Detail: "Later."}, http.StatusServiceUnavailable, "Later.", "1", ""},
		{errors.New("secret of /keys.db"), http.StatusInternalServerError, "", "", ""},
	} {
		recorder := predict(guarded(t, func(c *server.Config) { c.Gate = refusing{test.err} }), flatBody)
		p := problemOf(t, recorder, test.status)
		header := recorder.Header()
		if p.Detail != test.detail || header.Get("Retry-After") != test.retryAfter || header.Get("WWW-Authenticate") != test.www {
			t.Errorf("%v: %q %v", test.err, p.Detail, header)
		}
	}
}

// certified lets in who shows the certificate that it wants now; it tells the others to connect anew.
type certified struct {
	wanted atomic.Pointer[x509.Certificate]
}

func (g *certified) Authenticate(r *http.Request) (sepsis.Principal, error) {
	if !r.TLS.PeerCertificates[0].Equal(g.wanted.Load()) {
		return sepsis.Principal{}, &sepsis.Refusal{Cause: sepsis.NotKnown, Detail: "It has expired.", Reconnect: true}
	}
	return sepsis.Principal{Name: "CN=ward", Roles: []sepsis.Role{sepsis.AdminRole}}, nil
}

// TestARenewedCertificateCounts: a client keeps its connection for as long as that is in use. When the certificate that it showed at the
// beginning has expired it is refused, and shows the new one that it has.
func TestARenewedCertificateCounts(t *testing.T) {
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		gate := &certified{}
		service := httptest.NewUnstartedServer(guarded(t, func(c *server.Config) { c.Gate = gate }))
		service.EnableHTTP2, service.TLS = http2, &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
		service.StartTLS()
		var shown atomic.Pointer[tls.Certificate]
		client := service.Client()
		client.Transport.(*http.Transport).TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return shown.Load(), nil
		}
		renew := func() {
			certificate := selfMade(t)
			shown.Store(&certificate)
			gate.wanted.Store(certificate.Leaf)
		}
		ask := func() (status int) {
			answer, err := client.Get(service.URL + "/admin/model") //nolint:noctx // the test's own service
			if err != nil {
				t.Fatal(err)
			}
			_, err = io.Copy(io.Discard, answer.Body)
			if err := errors.Join(err, answer.Body.Close()); err != nil {
				t.Fatal(err)
			}
			return answer.StatusCode
		}
		renew()
		if got := []int{ask(), ask()}; !slices.Equal(got, []int{http.StatusOK, http.StatusOK}) {
			t.Errorf("%s: %v at first", name, got)
		}
		renew()
		refused, many := 0, 100 // in HTTP/2 the next request may be on its way before the client knows that the connection ends
		for refused < many && ask() != http.StatusOK {
			refused++
		}
		if refused == 0 || refused == many {
			t.Errorf("%s: refused %d times with a new certificate", name, refused)
		}
		client.CloseIdleConnections()
		service.Close()
	}
}

// selfMade is a certificate that nobody else has signed.
func selfMade(t *testing.T) tls.Certificate {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key, Leaf: leaf}
}

// TestAFaultOfTheGateIsLogged, for it is not answered.
func TestAFaultOfTheGateIsLogged(t *testing.T) {
	var log bytes.Buffer
	handler := guarded(t, func(c *server.Config) {
		c.Gate, c.Logger = refusing{errors.New("secret of /keys.db")}, config(modelOne, &log).Logger
	})
	problemOf(t, predict(handler, flatBody), http.StatusInternalServerError)
	if !strings.Contains(log.String(), "secret of /keys.db") {
		t.Errorf("log %s", &log)
	}
}

// TestTheBodyOfARefusedCallerIsNotRead: whoever has no key takes no memory.
func TestTheBodyOfARefusedCallerIsNotRead(t *testing.T) {
	body := &countedReader{Reader: strings.NewReader(flatBody)}
	recorder := httptest.NewRecorder()
	guarded(t, unchanged).ServeHTTP(recorder, httptest.NewRequest("POST", "/predict/patient", body))
	problemOf(t, recorder, http.StatusUnauthorized)
	if body.read != 0 {
		t.Errorf("%d bytes were read", body.read)
	}
}

type countedReader struct {
	io.Reader
	read int
}

func (c *countedReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += n
	return n, err
}

func TestTheLogNamesTheCaller(t *testing.T) {
	var log bytes.Buffer
	handler := guarded(t, func(c *server.Config) { c.Logger = config(modelOne, &log).Logger })
	send(handler, "POST", "/predict/patient", flatBody, "X-Caller", "clerk")
	if !strings.Contains(log.String(), `"status":403`) || !strings.Contains(log.String(), `"caller":"clerk"`) {
		t.Errorf("log %s", &log)
	}
}

// clock is set by the test.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// TestRate: two at once and one a second.
func TestRate(t *testing.T) {
	clock := &clock{noon}
	handler := guarded(t, func(c *server.Config) {
		c.Clock, c.Limits = clock.Now, server.Limits{Rate: 1, Burst: 2}
	})
	ask := func(caller string) *httptest.ResponseRecorder {
		return send(handler, "POST", "/predict/patient", flatBody, "X-Caller", caller)
	}
	answerOf(t, ask("ward predict"))
	answerOf(t, ask("ward predict"))
	refused := ask("ward predict")
	problemOf(t, refused, http.StatusTooManyRequests)
	if got := refused.Header().Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After %q", got)
	}
	answerOf(t, ask("other predict"))
	clock.now = noon.Add(time.Second)
	answerOf(t, ask("ward predict"))
	problemOf(t, ask("ward predict"), http.StatusTooManyRequests)
	problemOf(t, send(handler, "GET", "/caller", "", "X-Caller", "ward predict"), http.StatusTooManyRequests)
	for range 5 {
		answerOf(t, ask("local predict"))
		if recorder := send(handler, "GET", "/health", "", "X-Caller", "ward"); recorder.Code != http.StatusOK {
			t.Errorf("health: %d", recorder.Code)
		}
	}
}

// TestRateWithoutKeys: those who show nothing are told apart by address, and by network in IPv6.
func TestRateWithoutKeys(t *testing.T) {
	handler := guarded(t, func(c *server.Config) { c.Limits = server.Limits{Rate: 1, Burst: 1} })
	for _, test := range []struct {
		from   string
		status int
	}{
		{"10.0.0.1:1000", http.StatusOK},
		{"10.0.0.1:2000", http.StatusTooManyRequests},
		{"10.0.0.2:1000", http.StatusOK},
		{"[2001:db8:0:1::1]:1000", http.StatusOK},
		{"[2001:db8:0:1:ffff::2]:1000", http.StatusTooManyRequests},
		{"[2001:db8:0:2::1]:1000", http.StatusOK},
		{"[::ffff:10.0.0.2]:1000", http.StatusOK}, // net/http gives such addresses as IPv4
	} {
		request := httptest.NewRequest("POST", "/predict/patient", strings.NewReader(flatBody))
		request.RemoteAddr = test.from
		request.Header.Set("X-Caller", "anonymous predict")
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		if recorder.Code != test.status {
			t.Errorf("%s: %d, want %d", test.from, recorder.Code, test.status)
		}
	}
}

// TestStrangersAreLimited by their address, before anybody is asked who they are; an address from which a caller has come is not,
// because others may be behind the same proxy.
func TestStrangersAreLimited(t *testing.T) {
	clock := &clock{noon}
	handler := guarded(t, func(c *server.Config) {
		c.Clock, c.Limits = clock.Now, server.Limits{Rate: 100, Burst: 100}
	})
	from := func(address, caller, path string) *httptest.ResponseRecorder {
		request := httptest.NewRequest("POST", path, strings.NewReader(flatBody))
		request.RemoteAddr = address
		request.Header.Set("X-Caller", caller)
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		return recorder
	}
	const one, other, network = "10.0.0.1:1000", "10.0.0.2:1000", "[2001:db8:0:1::1]:1000"
	for range 200 {
		problemOf(t, from(one, "", "/predict/patient"), http.StatusUnauthorized)
	}
	refused := from(one, "", "/predict/patient")
	problemOf(t, refused, http.StatusTooManyRequests)
	if got := refused.Header().Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After %q", got)
	}
	problemOf(t, from(one, "ward predict", "/predict/patient"), http.StatusTooManyRequests) // not asked
	problemOf(t, from(one, "", "/predict/patients"), http.StatusTooManyRequests)
	clock.now = clock.now.Add(time.Second)
	answerOf(t, from(one, "ward predict", "/predict/patient")) // and is trusted from now on
	for range 1000 {
		problemOf(t, from(one, "", "/predict/patient"), http.StatusUnauthorized)
	}
	answerOf(t, from(one, "ward predict", "/predict/patient"))
	problemOf(t, from(other, "", "/predict/patient"), http.StatusUnauthorized)
	for range 300 { // who asks who they are, and shows nothing, has not failed
		if got := send(handler, "GET", "/caller", ""); got.Code != http.StatusOK {
			t.Fatalf("GET /caller: %d", got.Code)
		}
	}
	clock.now = clock.now.Add(time.Hour)
	for range 200 {
		problemOf(t, from(one, "", "/predict/patient"), http.StatusUnauthorized)
	}
	problemOf(t, from(one, "", "/predict/patient"), http.StatusTooManyRequests)
	for range 200 {
		problemOf(t, from(network, "", "/predict/patient"), http.StatusUnauthorized)
	}
	problemOf(t, from("[2001:db8:0:1:ffff::2]:1000", "", "/predict/patient"), http.StatusTooManyRequests)
}

// TestWhoShowsNothingProvesNothing of an address: wrong keys from there are bounded all the same, and hold nobody up who needs no key.
func TestWhoShowsNothingProvesNothing(t *testing.T) {
	for _, open := range []string{sepsis.Anonymous, sepsis.Local.Name} {
		handler := guarded(t, func(c *server.Config) { c.Limits = server.Limits{Rate: 1000, Burst: 1000} })
		ask := func(caller string) *httptest.ResponseRecorder {
			return send(handler, "POST", "/predict/patient", flatBody, "X-Caller", caller)
		}
		for range 200 {
			answerOf(t, ask(open+" predict"))
			problemOf(t, ask(""), http.StatusUnauthorized)
		}
		problemOf(t, ask(""), http.StatusTooManyRequests)
		answerOf(t, ask(open+" predict"))
		keyed := send(handler, "POST", "/predict/patient", flatBody, "X-Caller", open+" predict", "Authorization", "Bearer x")
		problemOf(t, keyed, http.StatusTooManyRequests) // not asked
	}
}

// calm remembers no stay, so that it can be asked by many at once.
type calm struct{ fakePredictor }

func (*calm) Predict(*sepsis.Stay) sepsis.Risk { return fakePoints.Risk(1, 0.01, false) }

func (c *calm) Explain(stay *sepsis.Stay) (sepsis.Risk, sepsis.Explanation) {
	return unexplained(c.Predict(stay))
}

// waiting is a predictor that does not answer before it is told to.
type waiting struct {
	calm
	entered, answer chan struct{}
}

func newWaiting() *waiting {
	return &waiting{entered: make(chan struct{}), answer: make(chan struct{})}
}

func (w *waiting) Predict(stay *sepsis.Stay) sepsis.Risk {
	w.entered <- struct{}{}
	<-w.answer
	return w.calm.Predict(stay)
}

func (w *waiting) Explain(stay *sepsis.Stay) (sepsis.Risk, sepsis.Explanation) {
	return unexplained(w.Predict(stay))
}

func TestTooMuchToDo(t *testing.T) {
	predictor := newWaiting()
	handler := guarded(t, func(c *server.Config) {
		c.Gate, c.Models, c.Limits = nil, only(predictor), server.Limits{InFlight: 2}
	})
	answers := make(chan *httptest.ResponseRecorder)
	for range 2 {
		go func() { answers <- predict(handler, flatBody) }()
		<-predictor.entered
	}
	shed := predict(handler, flatBody)
	problemOf(t, shed, http.StatusServiceUnavailable)
	if got := shed.Header().Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After %q", got)
	}
	if recorder := send(handler, "GET", "/health", ""); recorder.Code != http.StatusOK {
		t.Errorf("health: %d", recorder.Code)
	}
	close(predictor.answer)
	for range 2 {
		answerOf(t, <-answers)
	}
	go func() { answers <- predict(handler, flatBody) }() // the slots are free again
	select {
	case <-predictor.entered:
		answerOf(t, <-answers)
	case refused := <-answers:
		t.Errorf("no slot is free afterwards: %d", refused.Code)
	}
}

// TestASlotIsFreeAfterAPanic: faults must not eat the slots up.
func TestASlotIsFreeAfterAPanic(t *testing.T) {
	broken := &fakePredictor{broken: func(*sepsis.Stay) sepsis.Risk { panic("broken") }}
	handler := guarded(t, func(c *server.Config) { c.Gate, c.Models, c.Limits = nil, only(broken), server.Limits{InFlight: 1} })
	for range 3 {
		problemOf(t, predict(handler, flatBody), http.StatusInternalServerError)
	}
	broken.broken = nil
	answerOf(t, predict(handler, flatBody))
}

// endless is a body that holds back its end until it is told.
type endless struct {
	io.Reader
	held, end chan struct{}
}

func (e *endless) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		e.held <- struct{}{}
		<-e.end
	}
	return n, err
}

// TestABodyThatSaysItIsTooLongIsNotRead: refused by its Content-Length alone.
func TestABodyThatSaysItIsTooLongIsNotRead(t *testing.T) {
	body := &countedReader{Reader: strings.NewReader(flatBody)}
	request := httptest.NewRequest("POST", "/predict/patient", body)
	request.ContentLength = 1 << 30
	recorder := httptest.NewRecorder()
	newServer(t, &fakePredictor{}).ServeHTTP(recorder, request)
	problemOf(t, recorder, http.StatusRequestEntityTooLarge)
	if body.read != 0 {
		t.Errorf("%d bytes were read", body.read)
	}
}

// TestTheAuditLogNamesTheCaller: of a prediction, and of its outcome; reading it needs the role audit.
func TestTheAuditLogNamesTheCaller(t *testing.T) {
	scene := newScene(t)
	scene.config.Gate = fakeGate{}
	handler := scene.start(t)
	id := answerOf(t, send(handler, "POST", "/predict/patient", flatBody, "X-Caller", "ward predict")).ID
	path := "/predictions/" + id
	problemOf(t, send(handler, "GET", path, "", "X-Caller", "ward predict"), http.StatusForbidden)
	problemOf(t, send(handler, "GET", "/predictions", "", "X-Caller", "ward predict"), http.StatusForbidden)
	problemOf(t, send(handler, "POST", path+"/outcome", `{"septic": false}`, "X-Caller", "auditor audit"), http.StatusForbidden)
	if told := send(handler, "POST", path+"/outcome", `{"septic": false}`, "X-Caller", "registrar predict"); told.Code != http.StatusOK {
		t.Errorf("outcome: %d %s", told.Code, told.Body)
	}
	var shown struct {
		Caller   string
		Outcomes []struct{ Caller string }
	}
	recorder := send(handler, "GET", path, "", "X-Caller", "auditor audit")
	if recorder.Code != http.StatusOK {
		t.Fatalf("%d %s", recorder.Code, recorder.Body)
	}
	decode(t, recorder, &shown)
	if shown.Caller != "ward" || len(shown.Outcomes) != 1 || shown.Outcomes[0].Caller != "registrar" {
		t.Errorf("%+v", shown)
	}
}

// TestSlowBatchesStopNobody but other batches, for which there is a bound of their own.
func TestSlowBatchesStopNobody(t *testing.T) {
	handler := guarded(t, func(c *server.Config) {
		c.Gate, c.Models, c.Limits = nil, only(&calm{}), server.Limits{InFlight: 8}
	})
	const batches = 2 // a quarter of InFlight
	held, end, answers := make(chan struct{}), make(chan struct{}), make(chan *httptest.ResponseRecorder)
	begin := func() {
		recorder := httptest.NewRecorder()
		request := httptest.NewRequest("POST", "/predict/patients", &endless{strings.NewReader(person(1, "a") + "\n"), held, end})
		request.Header.Set("Content-Type", "application/x-ndjson")
		handler.ServeHTTP(recorder, request)
		answers <- recorder
	}
	for range batches {
		go begin()
		<-held
	}
	shed := sendMany(handler, "application/x-ndjson", person(1, "b"))
	problemOf(t, shed, http.StatusServiceUnavailable)
	if got := shed.Header().Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After %q", got)
	}
	answerOf(t, predict(handler, flatBody))
	close(end)
	for range batches {
		linesOf(t, <-answers)
	}
	linesOf(t, sendMany(handler, "application/x-ndjson", person(1, "b")))
}

// TestASlowBatchLeavesTheOnlySlot: one batch at once is the least.
func TestASlowBatchLeavesTheOnlySlot(t *testing.T) {
	handler := guarded(t, func(c *server.Config) {
		c.Gate, c.Models, c.Limits = nil, only(&calm{}), server.Limits{InFlight: 1}
	})
	body, feed := io.Pipe()
	answered := make(chan *httptest.ResponseRecorder)
	go func() {
		recorder := httptest.NewRecorder()
		request := httptest.NewRequest("POST", "/predict/patients", body)
		request.Header.Set("Content-Type", "application/x-ndjson")
		handler.ServeHTTP(recorder, request)
		answered <- recorder
	}()
	if _, err := io.WriteString(feed, person(1, "a")+"\n"); err != nil { // ends when the batch reads
		t.Fatal(err)
	}
	answerOf(t, predict(handler, flatBody))
	_ = feed.Close()
	linesOf(t, <-answered)
}

// TestLongBatchesLeaveRoom: of 40 batches that have sent 4 MiB each, of which nothing is held, others are still answered.
func TestLongBatchesLeaveRoom(t *testing.T) {
	handler := newServer(t, &calm{})
	long := strings.Repeat(strings.Repeat(" ", 1023)+"\n", 4<<10)
	held, end, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	const batches = 40
	for range batches {
		go func() {
			request := httptest.NewRequest("POST", "/predict/patients", &endless{strings.NewReader(long), held, end})
			request.Header.Set("Content-Type", "application/x-ndjson")
			handler.ServeHTTP(httptest.NewRecorder(), request)
			done <- struct{}{}
		}()
	}
	for range batches {
		select {
		case <-held:
		case <-done:
			t.Fatal("a batch was refused")
		}
	}
	answerOf(t, predict(handler, flatBody))
	close(end)
	for range batches {
		<-done
	}
}
