package server_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/server"
)

// loopbackVariable tells a process of the test that it is to serve, and what.
const loopbackVariable = "SEPSIS_TEST_LOOPBACK"

// handlers are what is held side by side: the service with the shipped model, and a handler that does no more than read and decode.
var handlers = map[string]func() (http.Handler, error){
	"service": func() (http.Handler, error) {
		shipped, err := model.Default()
		if err != nil {
			return nil, err
		}
		return server.New(server.Config{
			Predictor: shipped, Clock: time.Now, Entropy: rand.Reader, //nolint:forbidigo // as in cmd
			Logger: slog.New(slog.NewJSONHandler(io.Discard, nil)), Version: "0.0.0-test",
		})
	},
	"service-without-model": func() (http.Handler, error) {
		return server.New(server.Config{
			Predictor: &fakePredictor{}, Clock: time.Now, Entropy: rand.Reader, //nolint:forbidigo // as in cmd
			Logger: slog.New(slog.NewJSONHandler(io.Discard, nil)), Version: "0.0.0-test",
		})
	},
	"bare": func() (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var patient barePatient
			body, err := io.ReadAll(r.Body)
			if err != nil || json.Unmarshal(body, &patient) != nil {
				w.WriteHeader(http.StatusUnprocessableEntity)
			}
		}), nil
	},
}

// barePatient is what encoding/json decodes flatBody into.
type barePatient struct {
	Age                  float64 `json:"age"`
	Sex                  string  `json:"sex"`
	ICUHour              float64 `json:"icu_hour"`
	HeartRate            float64 `json:"heart_rate"`
	Temperature          float64 `json:"temperature"`
	RespiratoryRate      float64 `json:"respiratory_rate"`
	SystolicBP           float64 `json:"systolic_bp"`
	MeanArterialPressure float64 `json:"mean_arterial_pressure"`
	Lactate              struct {
		Value float64 `json:"value"`
		Unit  string  `json:"unit"`
	} `json:"lactate"`
	WBC float64 `json:"wbc"`
}

// TestMain serves, in a process that was started to; otherwise it fails when a test leaves a goroutine behind.
func TestMain(m *testing.M) {
	if name := os.Getenv(loopbackVariable); name != "" {
		if err := serveLoopback(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	goleak.VerifyTestMain(m)
}

// serveLoopback tells its address on standard output, and ends with its standard input.
func serveLoopback(name string) error {
	handler, err := handlers[name]()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", handler)
	mux.HandleFunc("/cpu", func(w http.ResponseWriter, _ *http.Request) {
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = fmt.Fprint(w, usage.Utime.Nano()+usage.Stime.Nano())
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // ends with the process
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return errors.New(http.Serve(listener, mux).Error()) //nolint:gosec // for a moment, on loopback
}

// startLoopback starts a handler in its own process.
func startLoopback(b *testing.B, name string) (address string) {
	b.Helper()
	command := exec.CommandContext(b.Context(), os.Args[0]) //nolint:gosec // this test itself
	command.Env = append(os.Environ(), loopbackVariable+"="+name)
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = input.Close(); _ = command.Wait() })
	if _, err := fmt.Fscanln(output, &address); err != nil {
		b.Fatal(err)
	}
	return "http://" + address
}

// BenchmarkLoopback tells the processor time that a request of the flat form costs the serving process, over loopback.
func BenchmarkLoopback(b *testing.B) {
	cost := map[string]float64{}
	for _, name := range []string{"bare", "service-without-model", "service"} {
		b.Run(name, func(b *testing.B) {
			address := startLoopback(b, name)
			requests := 0
			request := func() {
				requests++
				fetch(b, address+"/predict/patient?explain=false", flatBody)
			}
			for range 500 { // until nothing is new to it
				request()
			}
			before, warm := cpu(b, address), requests
			for b.Loop() {
				request()
			}
			cost[name] = float64(cpu(b, address)-before) / float64(requests-warm)
			b.ReportMetric(cost[name]/1000, "cpu-µs/request")
			if bare := cost["bare"]; bare > 0 {
				b.ReportMetric(cost[name]/bare, "times-bare")
			}
		})
	}
}

func cpu(b *testing.B, address string) int64 {
	b.Helper()
	nanoseconds, err := strconv.ParseInt(fetch(b, address+"/cpu", ""), 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return nanoseconds
}

func fetch(b *testing.B, address, body string) string {
	response, err := http.Post(address, "application/json", strings.NewReader(body)) //nolint:gosec,noctx // an address of ours
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		b.Fatalf("%v, status %d: %s", err, response.StatusCode, answer)
	}
	return string(answer)
}
