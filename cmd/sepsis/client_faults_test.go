//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/server"
)

// These tests harm a server over real sockets and look whether others notice.

// hasty is a server that waits for its clients less long than the shipped one, so that the tests end.
func hasty(handler http.Handler, logger *slog.Logger) *http.Server {
	httpServer := newHTTPServer(handler, logger)
	httpServer.ReadHeaderTimeout, httpServer.ReadTimeout = time.Second, 2*time.Second
	return httpServer
}

func local(t *testing.T, arguments ...string) serveCommand {
	t.Helper()
	return serveCommand{Listen: "127.0.0.1:0", storeOptions: scratch(t), accessOptions: options(t, arguments...)}
}

func configured(t *testing.T) server.Config {
	t.Helper()
	predictor, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	return server.Config{Models: server.NewModels(predictor, nil), Logger: discard()}
}

// dialled opens a connection and writes to it.
func dialled(t *testing.T, address, text string) net.Conn {
	t.Helper()
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	if _, err := io.WriteString(connection, text); err != nil {
		t.Fatal(err)
	}
	return connection
}

// dribbled writes a letter every 50 ms until the other side has had enough, and tells how long that took.
func dribbled(connection net.Conn, letter string) time.Duration {
	start := time.Now()
	for time.Since(start) < 20*time.Second {
		if _, err := io.WriteString(connection, letter); err != nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return time.Since(start)
}

func TestTheShippedServerWaitsForNobody(t *testing.T) {
	shipped := newHTTPServer(http.NotFoundHandler(), discard())
	for name, wait := range map[string]time.Duration{
		"header": shipped.ReadHeaderTimeout, "request": shipped.ReadTimeout, "answer": shipped.WriteTimeout, "idle": shipped.IdleTimeout,
	} {
		if wait <= 0 || wait > 2*time.Minute {
			t.Errorf("%s: waits %v", name, wait)
		}
	}
}

// TestLongHeaders: the bounds that the API's description names hold, for the first request of a connection and for a later one.
func TestLongHeaders(t *testing.T) {
	address := startedWith(t, local(t), configured(t), newHTTPServer)
	taken, refused := headerBounds(t, address)
	for _, c := range []struct {
		name        string
		bytes, want int
	}{{"as long as is taken", taken, http.StatusOK}, {"longer than that", refused + 1, http.StatusRequestHeaderFieldsTooLarge}} {
		connection := dialled(t, address, withHeaders(c.bytes))
		if got := statusOf(t, connection); got != c.want {
			t.Errorf("%s, first: %d, want %d", c.name, got, c.want)
		}
		again := dialled(t, address, withHeaders(100))
		if got := statusOf(t, again); got != http.StatusOK {
			t.Fatalf("short headers: %d", got)
		}
		if _, err := io.WriteString(again, withHeaders(c.bytes)); err != nil {
			t.Fatal(err)
		}
		if got := statusOf(t, again); got != c.want {
			t.Errorf("%s, second: %d, want %d", c.name, got, c.want)
		}
	}
}

// headerBounds are the bytes of headers that are taken, and beyond which they are refused, as the API says.
func headerBounds(t *testing.T, address string) (taken, refused int) {
	t.Helper()
	connection := dialled(t, address, "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	described, err := io.ReadAll(connection)
	if err != nil {
		t.Fatal(err)
	}
	bounds := regexp.MustCompile(`Headers of up to (\d+) KiB are never too long, those of more than (\d+) KiB always`).FindSubmatch(described)
	if bounds == nil {
		t.Fatal("the API's description does not say how long headers may be")
	}
	taken, _ = strconv.Atoi(string(bounds[1]))
	refused, _ = strconv.Atoi(string(bounds[2]))
	return taken << 10, refused << 10
}

// withHeaders is a request whose line and headers have so many bytes.
func withHeaders(bytes int) string {
	const begin, end = "GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Long: ", "\r\n\r\n"
	return begin + strings.Repeat("x", bytes-len(begin+end)) + end
}

// statusOf reads the answer that comes next. A refusal is over when the connection ends, which may be by a reset.
func statusOf(t *testing.T, connection net.Conn) int {
	t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(io.Discard, response.Body); err != nil && response.StatusCode == http.StatusOK {
		t.Fatal(err)
	}
	return response.StatusCode
}

// TestSlowClients: 300 clients that dribble their headers and 300 that dribble their bodies, more than there are slots,
// are cut off, and meanwhile others are answered at once.
func TestSlowClients(t *testing.T) {
	address := startedWith(t, local(t, "--max-in-flight", "8"), configured(t), hasty)
	const each = 300
	cut := make(chan time.Duration, 2*each)
	for range each {
		header := dialled(t, address, "POST /predict/patient HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
		body := dialled(t, address, "POST /predict/patient HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000\r\n\r\n{")
		go func() { cut <- dribbled(header, "x") }()
		go func() { cut <- dribbled(body, " ") }()
	}
	slowest := time.Duration(0)
	for range 20 {
		start := time.Now()
		if got := ask(t, http.DefaultClient, "http://"+address, ""); got != http.StatusOK {
			t.Errorf("beside slow clients: %d", got)
		}
		slowest = max(slowest, time.Since(start))
	}
	if slowest > time.Second {
		t.Errorf("an answer beside slow clients took %v", slowest)
	}
	t.Logf("the slowest of 20 answers took %v", slowest)
	for range 2 * each {
		if took := <-cut; took > 10*time.Second {
			t.Errorf("a slow client was cut off after %v", took)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// idleEnvironment makes the test binary a client that holds connections: address and how many.
const idleEnvironment = "SEPSIS_TEST_IDLE_CLIENT"

// idle makes connections, each of which asks for the health once, says so, and holds them until its input ends.
func idle(instructions string) error {
	address, number, _ := strings.Cut(instructions, " ")
	count, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	held := make([]net.Conn, count)
	for i := range held {
		if held[i], err = net.Dial("tcp", address); err != nil { //nolint:gosec // the address is that of the test
			return fmt.Errorf("connection %d: %w", i, err)
		}
		if _, err := io.WriteString(held[i], "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			return err
		}
		response, err := http.ReadResponse(bufio.NewReader(held[i]), nil)
		if err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
		if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
			return fmt.Errorf("connection %d: %s, %w", i, response.Status, err)
		}
	}
	fmt.Println("held")
	_, err = io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(held)
	return err
}

// manyFiles lets this process and its children open files.
func manyFiles(t *testing.T, count uint64) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur >= count {
		return
	}
	wanted := syscall.Rlimit{Cur: count, Max: max(limit.Max, count)}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &wanted); err != nil {
		t.Fatalf("this needs %d open files, and %d are allowed: ulimit -n %d (%v)", count, limit.Max, count, err)
	}
}

// TestTenThousandIdleConnections are held by another process, so that each has its own limit of open files. The bound
// of 48 KiB each is generous: net/http has two buffers of 4 KiB and a goroutine or two.
func TestTenThousandIdleConnections(t *testing.T) {
	const connections, each = 10_000, 48 << 10
	manyFiles(t, connections+1000)
	address := started(t, local(t), discard())
	if got := ask(t, http.DefaultClient, "http://"+address, ""); got != http.StatusOK {
		t.Fatalf("without other clients: %d", got)
	}
	before := held()
	client := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // this test itself
	client.Env = append(os.Environ(), idleEnvironment+"="+address+" "+strconv.Itoa(connections))
	client.Stderr = os.Stderr
	release, err := client.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	told, err := client.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(told).ReadString('\n'); line != "held\n" {
		t.Fatalf("the client says %q (%v)", line, err)
	}
	start := time.Now()
	if got := ask(t, http.DefaultClient, "http://"+address, ""); got != http.StatusOK {
		t.Errorf("beside %d idle connections: %d", connections, got)
	}
	took, grown := time.Since(start), held()-before
	t.Logf("%d idle connections: %d KiB each, an answer beside them in %v", connections, grown/connections>>10, took)
	if took > 2*time.Second || grown > connections*each {
		t.Errorf("an answer took %v, and %d MiB are held", took, grown>>20)
	}
	if err := errors.Join(release.Close(), client.Wait()); err != nil {
		t.Error(err)
	}
	http.DefaultClient.CloseIdleConnections()
}

// held is the memory in use, in bytes, after what can be collected was.
func held() int64 {
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return int64(memory.HeapInuse + memory.StackInuse) //nolint:gosec // far below 2^63
}

// TestConnectionsAreBounded: beyond the bound they wait, and are served when another ends.
func TestConnectionsAreBounded(t *testing.T) {
	address := started(t, local(t, "--max-connections", "2"), discard())
	const health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
	answered := func(connection net.Conn, within time.Duration) bool {
		if err := connection.SetReadDeadline(time.Now().Add(within)); err != nil {
			t.Fatal(err)
		}
		_, err := http.ReadResponse(bufio.NewReader(connection), nil) //nolint:bodyclose // the connection is closed whole
		return err == nil
	}
	first, second := dialled(t, address, health), dialled(t, address, health)
	if !answered(first, 5*time.Second) || !answered(second, 5*time.Second) {
		t.Fatal("two connections are not served")
	}
	third := dialled(t, address, health)
	if answered(third, 300*time.Millisecond) {
		t.Error("a third connection is served")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if !answered(third, 5*time.Second) {
		t.Error("the third connection is not served after the first has ended")
	}
}

// spaces is a body that begins as a patient and goes on for as long as it is read.
type spaces struct {
	left int64
	read atomic.Int64
}

func (s *spaces) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), s.left)
	copy(p, bytes.Repeat([]byte(" "), int(n)))
	if s.read.Load() == 0 {
		p[0] = '{'
	}
	s.left -= n
	s.read.Add(n)
	return int(n), nil
}

// TestBodiesOfAnyLength: from 1 byte to 1 GiB, told before or not. What is too long is refused early, and not held.
func TestBodiesOfAnyLength(t *testing.T) {
	address := started(t, local(t), discard())
	before := held()
	for _, length := range []int64{1, 1 << 10, 4 << 20, 4<<20 + 1, 64 << 20, 1 << 30} {
		for _, told := range []bool{true, false} {
			body := &spaces{left: length}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/predict/patient", body)
			if err != nil {
				t.Fatal(err)
			}
			if told {
				request.ContentLength = length
			}
			want := http.StatusUnprocessableEntity
			if length > 4<<20 {
				want = http.StatusRequestEntityTooLarge
			}
			response, err := http.DefaultTransport.RoundTrip(request)
			if err != nil {
				// A client that writes on is cut off; it may find that out before it has read the answer.
				cut := errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
				if want != http.StatusRequestEntityTooLarge || !cut {
					t.Errorf("%d bytes, told %t: %v", length, told, err)
				}
			} else if err := response.Body.Close(); err != nil || response.StatusCode != want {
				t.Errorf("%d bytes, told %t: %d, want %d (%v)", length, told, response.StatusCode, want, err)
			}
			if sent := body.read.Load(); sent > 32<<20 {
				t.Errorf("%d bytes, told %t: the client could send %d MiB", length, told, sent>>20)
			}
		}
	}
	http.DefaultClient.CloseIdleConnections()
	if grown := held() - before; grown > 32<<20 {
		t.Errorf("%d MiB are held afterwards", grown>>20)
	}
}

// TestAPanicIsOfOneRequest: the others on the same connection and beside it are answered.
func TestAPanicIsOfOneRequest(t *testing.T) {
	shipped, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	config := server.Config{Models: server.NewModels(&frail{Predictor: shipped}, nil), Logger: discard()}
	address := startedWith(t, local(t, "--max-in-flight", "1"), config, newHTTPServer)
	for i := range 20 {
		want := http.StatusOK
		if i%2 == 0 {
			want = http.StatusInternalServerError
		}
		if got := ask(t, http.DefaultClient, "http://"+address, ""); got != want {
			t.Errorf("request %d: %d, want %d", i, got, want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// TestAPageElsewhereCannotCall: a browser on this machine whose name for the service is another site's, made to point
// here, is refused over the wire; so is what a proxy passes on.
func TestAPageElsewhereCannotCall(t *testing.T) {
	address := started(t, local(t), discard())
	const request = "POST /predict/patient HTTP/%s\r\nHost: %s\r\n%sContent-Length: 2\r\n\r\n{}"
	for text, want := range map[string]int{
		fmt.Sprintf(request, "1.1", address, ""):                                http.StatusUnprocessableEntity,
		fmt.Sprintf(request, "1.1", "evil.example", ""):                         http.StatusMisdirectedRequest,
		fmt.Sprintf(request, "1.1", address, "X-Forwarded-For: 10.0.0.1\r\n"):   http.StatusUnauthorized,
		fmt.Sprintf(request, "1.1", address, "Origin: http://evil.example\r\n"): http.StatusForbidden,
		fmt.Sprintf(request, "1.0", address, ""):                                http.StatusUnauthorized,
	} {
		response, err := http.ReadResponse(bufio.NewReader(dialled(t, address, text)), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil || response.StatusCode != want {
			t.Errorf("%d, want %d, to\n%s", response.StatusCode, want, text)
		}
	}
}

// TestWhatIsNoRequest is answered by net/http, as the description says: in plain text, and the connection is closed.
func TestWhatIsNoRequest(t *testing.T) {
	address := started(t, local(t), discard())
	for text, want := range map[string]int{
		"GET /health HTTP/1.1\r\n\r\n": http.StatusBadRequest,
		"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: " + strings.Repeat("x", 32<<10) + "\r\n\r\n":      http.StatusRequestHeaderFieldsTooLarge,
		"POST /predict/patient HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\nContent-Length: 2\r\n\r\n{}": http.StatusExpectationFailed,
	} {
		response, err := http.ReadResponse(bufio.NewReader(dialled(t, address, text)), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil || response.StatusCode != want || !response.Close {
			t.Errorf("%.60q: %d, closed %t", text, response.StatusCode, response.Close)
		}
		if got := response.Header.Get("Content-Type"); want != http.StatusExpectationFailed && !strings.HasPrefix(got, "text/plain") {
			t.Errorf("%.60q: %s", text, got)
		}
	}
}
