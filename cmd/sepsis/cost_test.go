package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis/load"
)

// bareEnvironment makes the test binary a service that does no more than read and decode costBody.
const bareEnvironment = "SEPSIS_TEST_BARE_SERVICE"

// costBody is a patient in the flat form, as in README.md.
const costBody = `{"age": 67, "sex": "female", "icu_hour": 30, "heart_rate": 118, "temperature": 38.9,
 "respiratory_rate": 26, "systolic_bp": 88, "mean_arterial_pressure": 61, "lactate": {"value": 37, "unit": "mg/dL"}, "wbc": 16.4}`

// barePatient is what encoding/json decodes costBody into.
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

// serveBare serves until the process is killed. Like the program it logs its address.
func serveBare() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	slog.New(slog.NewJSONHandler(os.Stderr, nil)).Info("listening", "address", listener.Addr().String())
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { //nolint:gosec // for a moment, on loopback
		var patient barePatient
		body, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(body, &patient) != nil {
			w.WriteHeader(http.StatusUnprocessableEntity)
		}
	}))
}

// costed are the services that are held side by side, the bare one first; each turn starts them anew.
var costed = []struct {
	name  string
	start func(t *testing.T) *instance
}{
	{"a handler of `net/http` that reads and decodes the body", func(t *testing.T) *instance {
		bare := program(t)
		bare.Env = append(os.Environ(), bareEnvironment+"=1")
		return launched(t, bare)
	}},
	{"`sepsis serve --audit off`", audited("off")},
	{"`sepsis serve --audit best-effort`", audited("best-effort")},
	{"`sepsis serve` (audit required)", audited("required")},
}

func audited(policy string) func(t *testing.T) *instance {
	return func(t *testing.T) *instance {
		return serving(t, "--data-dir", t.TempDir(), "--audit", policy, "--rate", "0")
	}
}

const (
	costTurns  = 5
	costLength = 3 * time.Second

	// costPromised is the most that the service should cost, as a ratio to the bare handler: of the median of the turns.
	costPromised = 1.5
)

// costClients are numbers of clients; each sends a request as soon as it has its answer.
var costClients = []int{1, 16}

// TestRequestCost measures the processor time that a request of the flat form costs the serving process, over loopback, and writes
// docs/request-cost.md. SEPSIS_REQUEST_COST is the file. With SEPSIS_KEEP_PROMISES it fails when what is promised is missed.
func TestRequestCost(t *testing.T) {
	file := os.Getenv("SEPSIS_REQUEST_COST")
	if file == "" {
		t.Skip("set SEPSIS_REQUEST_COST to the file to write, as `make request-cost` does")
	}
	when := circumstances(t)
	costs := make([][][]float64, len(costClients)) // by number of clients, turn and service
	for i, clients := range costClients {
		for range costTurns {
			costs[i] = append(costs[i], costsOf(t, clients))
		}
	}
	if t.Failed() {
		return
	}
	page, missed := costPage(when, costs)
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	if missed > 0 && os.Getenv("SEPSIS_KEEP_PROMISES") != "" {
		t.Errorf("%d ratios are above %g, which is promised:\n%s", missed, costPromised, page)
	}
}

// TestThePageOfCostsTellsWhatWasMissed by medians of turns that are made up.
func TestThePageOfCostsTellsWhatWasMissed(t *testing.T) {
	turns := [][]float64{{10, 10, 15, 15.1}, {10, 30, 15, 15.1}, {10, 11, 99, 15.1}}
	page, missed := costPage("today", [][][]float64{turns, turns})
	if missed != 2 {
		t.Errorf("%d are missed, want the last service's, twice", missed)
	}
	for _, want := range []string{
		"| 1.00 [1.00, 1.00] | 10.0", "| 1.10 [1.00, 3.00], held |", "| 1.50 [1.50, 9.90], held |", "| 1.51 [1.51, 1.51], missed |", "promised ≤ 1.5",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
}

// circumstances are those of the measurement: what is measured, when, and what else the machine did (proc(5): loadavg of a minute).
func circumstances(t *testing.T) string {
	t.Helper()
	commit, err := exec.CommandContext(t.Context(), "git", "describe", "--always", "--dirty").Output()
	if err != nil {
		t.Fatal(err)
	}
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		t.Skip("this needs Linux: ", err)
	}
	return fmt.Sprintf("commit %s, %s, load average %s before", strings.TrimSpace(string(commit)), time.Now().UTC().Format(time.DateOnly), strings.Fields(string(load))[0])
}

// costPage is the document, and how many of its ratios are above what is promised.
func costPage(when string, costs [][][]float64) (string, int) {
	var page strings.Builder
	fmt.Fprintf(&page, "# What a request costs\n\nMade by `make request-cost`; do not edit. %s, %s/%s, %d processors, %s. Processor time of the serving process, user and system, for each\n"+
		"`POST /predict/patient?explain=false` of the flat form over loopback, from as many clients as the column says, each of which sends as soon as it has its\n"+
		"answer. The service is as it is started, with the shipped model, metrics, monitoring and one line of log a request; the audit log is SQLite on a disk. Medians of\n"+
		"%d turns [least, most]; a ratio is of the same turn, and its median is held to the promise.\n\n|", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), when, costTurns)
	for _, clients := range costClients {
		fmt.Fprintf(&page, " | clients: %d, µs | times the first, promised ≤ %g", clients, costPromised)
	}
	page.WriteString(" |\n|---" + strings.Repeat("|---:|---:", len(costClients)) + "|\n")
	missed := 0
	for s, service := range costed {
		fmt.Fprintf(&page, "| %s ", service.name)
		for i := range costClients {
			var times, ratios []float64
			for _, turn := range costs[i] {
				times, ratios = append(times, turn[s]), append(ratios, turn[s]/turn[0])
			}
			fmt.Fprintf(&page, "| %s | %s", spread(times, 1), spread(ratios, 2))
			switch {
			case s == 0: // it is what the others are held to
			case ratios[len(ratios)/2] > costPromised: // spread has sorted them
				missed++
				page.WriteString(", missed")
			default:
				page.WriteString(", held")
			}
			page.WriteString(" ")
		}
		page.WriteString("|\n")
	}
	return page.String(), missed
}

// costsOf is one turn: microseconds a request, of each service.
func costsOf(t *testing.T, clients int) []float64 {
	t.Helper()
	costs := make([]float64, len(costed))
	for i := range costed {
		t.Run(fmt.Sprintf("%d clients, %s", clients, costed[i].name), func(t *testing.T) {
			s := costed[i].start(t)
			s.requests(t, clients, costLength/3) // until nothing is new to it
			before := s.processorTime(t)
			answered := s.requests(t, clients, costLength)
			costs[i] = float64((s.processorTime(t) - before).Nanoseconds()) / 1000 / float64(answered)
		})
	}
	return costs
}

// requests sends for so long, and tells how many were answered.
func (s *instance) requests(t *testing.T, clients int, length time.Duration) int64 {
	t.Helper()
	report, err := load.Run(t.Context(), load.Plan{
		URL: "http://" + s.address + "/predict/patient?explain=false", Header: http.Header{"Content-Type": {"application/json"}},
		Bodies: [][]byte{[]byte(costBody)}, Clients: clients, Length: length, Timeout: patience, Clock: time.Now,
	})
	if err != nil || report.Failed() > 0 || report.Requests == 0 {
		t.Fatalf("%v: %+v", err, report)
	}
	return report.Requests
}

// processorTime is what the process has used, user and system, to a hundredth of a second: fields 14 and 15 of /proc/PID/stat in
// ticks of USER_HZ, which is 100 on all processors that Go runs on (proc(5)).
func (s *instance) processorTime(t *testing.T) time.Duration {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.command.Process.Pid))
	if err != nil {
		t.Skip("this needs Linux: ", err)
	}
	afterName := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:])) // from field 3 on
	ticks := 0
	for _, field := range afterName[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// spread is a median with the least and the most.
func spread(values []float64, digits int) string {
	slices.Sort(values)
	return fmt.Sprintf("%.*f [%.*f, %.*f]", digits, values[len(values)/2], digits, values[0], digits, values[len(values)-1])
}
