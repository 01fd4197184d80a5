package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis/server"
)

// impatient serves over loopback by a clock that goes after the network's, so that the half minute of a batch's next patient is over soon.
func impatient(t *testing.T, change func(*server.Config)) (address string) {
	t.Helper()
	running := httptest.NewServer(guarded(t, func(c *server.Config) {
		c.Models = only(&calm{})
		c.Clock = func() time.Time { return time.Now().Add(200*time.Millisecond - 30*time.Second) } //nolint:forbidigo // deadlines are those of the network
		change(c)
	}))
	t.Cleanup(running.Close)
	return strings.TrimPrefix(running.URL, "http://")
}

// TestTheRestOfABatchIsNoRequest: what a client sends of a batch that has ended early is never taken for the next request on its
// connection, which is closed when the whole answer is there.
func TestTheRestOfABatchIsNoRequest(t *testing.T) {
	few := func(c *server.Config) { c.Limits = server.Limits{Rate: 0.01, Burst: 1} }
	ended := make(chan struct{})
	close(ended)
	for name, test := range map[string]struct {
		change         func(*server.Config)
		mediaType      string
		begin          string
		status, ending int // of the answer, and of its last line
	}{
		"too many":                  {few, "application/x-ndjson", people(2), 200, 429},
		"the service ends":          {func(c *server.Config) { c.Closing = ended }, "application/x-ndjson", people(1), 503, 503},
		"too slow":                  {unchanged, "application/json", "[" + person(1, "a") + ",", 408, 408},
		"too slow, after answers":   {unchanged, "application/x-ndjson", people(2), 200, 408},
		"no array":                  {unchanged, "application/json", "{", 422, 422},
		"something after the array": {unchanged, "application/json", "[]{", 422, 422},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each waits for net/http, which lets the client read for half a second
			connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", impatient(t, test.change))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = connection.Close() }()
			const rest = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
			_, _ = fmt.Fprintf(connection, "POST /predict/patients HTTP/1.1\r\nHost: x\r\nX-Caller: ward predict\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
				test.mediaType, len(test.begin)+len(rest), test.begin)
			reader := bufio.NewReader(connection)
			response, err := http.ReadResponse(reader, nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if want := fmt.Sprintf(`"status":%d`, test.ending); err != nil || response.StatusCode != test.status || !strings.Contains(string(body), want) {
				t.Errorf("%v: %d %s", err, response.StatusCode, body)
			}
			if test.status != http.StatusOK && !response.Close {
				t.Errorf("the answer does not say that the connection ends: %v", response.Header)
			}
			_ = connection.SetReadDeadline(time.Now().Add(3 * time.Second)) //nolint:forbidigo // a deadline of the network
			if more, err := io.ReadAll(reader); err == nil && len(more) == 0 {
				return // the server has closed the connection
			}
			_, _ = io.WriteString(connection, rest)
			_ = connection.SetReadDeadline(time.Now().Add(time.Second)) //nolint:forbidigo // as above
			if response, err := http.ReadResponse(reader, nil); err == nil {
				t.Errorf("the rest of the batch was answered with %d", response.StatusCode)
				_ = response.Body.Close()
			}
			t.Error("the connection is still open")
		})
	}
}
