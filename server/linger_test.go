package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis/server"
)

// sendsAll sends a whole request before it reads anything, as plain clients do, and tells the answer.
func sendsAll(t *testing.T, address, request string) (*http.Response, error) {
	t.Helper()
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	if _, err := io.WriteString(connection, request); err != nil {
		return nil, err
	}
	return http.ReadResponse(bufio.NewReader(connection), nil)
}

// TestWhoSendsAllFirstSeesTheAnswer: the connection is not reset while a body comes of which the answer is known.
func TestWhoSendsAllFirstSeesTheAnswer(t *testing.T) {
	address := strings.TrimPrefix(listen(t, &fakePredictor{}), "http://")
	announced := func(path, headers string, size int) string {
		return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: %d\r\n\r\n", path, headers, size) + strings.Repeat(" ", size)
	}
	const json = "Content-Type: application/json\r\n"
	chunk := fmt.Sprintf("%x\r\n%s\r\n", 1<<20, strings.Repeat(" ", 1<<20))
	for name, c := range map[string]struct {
		request string
		status  int
	}{
		"too long":        {announced("/predict/patient", json, 5<<20), http.StatusRequestEntityTooLarge},
		"too long, FHIR":  {announced(evaluatePath, json, 17<<20), http.StatusRequestEntityTooLarge},
		"in chunks":       {"POST /predict/patient HTTP/1.1\r\nHost: localhost\r\n" + json + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat(chunk, 8) + "0\r\n\r\n", http.StatusRequestEntityTooLarge},
		"another type":    {announced("/predict/patient", "Content-Type: text/csv\r\n", 5<<20), http.StatusUnsupportedMediaType},
		"no such route":   {announced("/nowhere", json, 5<<20), http.StatusNotFound},
		"an array so far": {announced("/predict/patients", json, 8<<20), http.StatusRequestEntityTooLarge},
	} {
		response, err := sendsAll(t, address, c.request)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if want := fmt.Sprintf(`"status":%d`, c.status); err != nil || response.StatusCode != c.status || !strings.Contains(string(body), want) && !strings.Contains(string(body), "OperationOutcome") {
			t.Errorf("%s: %d %s, %v", name, response.StatusCode, body, err)
		}
	}
}

// TestWhatIsThrownAwayIsNoRequest: the connection is closed after it, also of a batch, of which net/http sees to nothing.
func TestWhatIsThrownAwayIsNoRequest(t *testing.T) {
	address := strings.TrimPrefix(listen(t, &fakePredictor{}), "http://")
	rest := strings.Repeat("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n", 20_000)
	for _, path := range []string{"/predict/patients", "/nowhere"} {
		connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{%s", path, 1+len(rest), rest)
		_ = connection.SetReadDeadline(time.Now().Add(10 * time.Second)) //nolint:forbidigo // a deadline of the network
		all, err := io.ReadAll(connection)
		if answers := strings.Count(string(all), "HTTP/1.1 "); err != nil || answers != 1 {
			t.Errorf("%s: %d answers, %v", path, answers, err)
		}
		_ = connection.Close()
	}
}

// TestLingeringEnds: whoever sends without end is cut off, and so is who sends nothing.
func TestLingeringEnds(t *testing.T) {
	address := impatient(t, func(c *server.Config) {
		c.Clock = func() time.Time { return time.Now().Add(500*time.Millisecond - 2*time.Second) } //nolint:forbidigo // deadlines are those of the network
	})
	for name, most := range map[string]int{"sends": 1 << 30, "sends nothing": 0} {
		connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(connection, "POST /predict/patient HTTP/1.1\r\nHost: x\r\nX-Caller: ward predict\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", 1<<30)
		_ = connection.SetDeadline(time.Now().Add(10 * time.Second)) //nolint:forbidigo // a deadline of the network
		block, sent := make([]byte, 1<<20), 0
		for err == nil && sent < most {
			_, err = connection.Write(block)
			sent += len(block)
		}
		if sent > 64<<20 {
			t.Errorf("%s: %d bytes were taken", name, sent)
		}
		if _, err := io.Copy(io.Discard, connection); isTimeout(err) {
			t.Errorf("%s: the connection is still open", name)
		}
		_ = connection.Close()
	}
}

func isTimeout(err error) bool {
	timeout, is := err.(net.Error) //nolint:errorlint // it is a *net.OpError
	return is && timeout.Timeout()
}
