package main

import (
	"bufio"
	"fmt"
	"io/fs"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/model"
)

// gibibyte is in bytes.
const gibibyte = 1 << 30

// mostMemory is above what any machine has, in GiB; in bytes it is still a number.
const mostMemory = 1 << 20

// serviceGarbage is by how many percent of what is in use the memory of a service may grow before it is cleared up, unless GOGC says
// otherwise. Most of what is in use is the model, which each clearing looks through: half as many clearings as with Go's own 100 leave more
// of the processor to predictions, for some tens of MiB (docs/soak.md has the whole).
const serviceGarbage = 200

// clearUpLess makes a service clear up its memory less often.
func clearUpLess() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(serviceGarbage)
	}
}

// memoryFlags say how much memory a training may take.
type memoryFlags struct {
	Memory float64 `default:"0" placeholder:"GIB" help:"Memory that the training may take, in GiB, whatever the machine says; 0 asks the machine. A training that needs more is refused before it begins."`
}

// Validate is called by kong.
func (f memoryFlags) Validate() error {
	if !(f.Memory >= 0 && f.Memory <= mostMemory) { // or not a number
		return fmt.Errorf("--memory must lie within 0 and %d GiB", mostMemory)
	}
	return nil
}

// allow refuses a training that needs more memory than there is. Of the machine it reads what Linux says of it; where nothing is said
// nothing is refused.
func (f memoryFlags) allow(t model.Training, machine fs.FS) error {
	limit := int64(f.Memory * gibibyte)
	if limit == 0 {
		var known bool
		if limit, known = available(machine, taken()); !known {
			return nil
		}
	}
	if err := footprint(t).Within(limit); err != nil {
		return fmt.Errorf("train: %w; or, if the machine has more than it says, name it with --memory", err)
	}
	if debug.SetMemoryLimit(-1) == math.MaxInt64 { // nobody set GOMEMLIMIT
		debug.SetMemoryLimit(taken() + limit) // else the collector lets the heap become twice what is in use
	}
	return nil
}

// footprint is what a training takes beside the stays themselves.
func footprint(t model.Training) gbdt.Footprint {
	columns := len(model.Columns())
	if t.Options.Forecasts == nil {
		columns = features.Count()
	}
	o := t.Options.Trees
	o.Threads = t.Threads
	rows := model.NewRows(t.Stays, t.Seed).Total()
	taken := gbdt.EstimateMemory(rows, columns, o)
	if t.Options.Network != nil {
		const label = 4 // bytes, of each outcome
		taken.Dataset += int64(rows) * int64(features.Count()+label*(1+len(model.Forecasts)))
	}
	return taken
}

// taken is the memory of this process, in bytes.
func taken() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys - m.HeapReleased) //nolint:gosec // far below 2⁶³
}

// available is how many bytes more may be taken by a process that holds some: the least of what the kernel takes to be available
// (proc(5): MemAvailable) and what is left of the limit of the control group (of version 2 or 1), as a container has it.
func available(machine fs.FS, held int64) (bytes int64, known bool) {
	least := func(more int64, ok bool) {
		if ok && (!known || more < bytes) {
			bytes, known = max(more, 0), true
		}
	}
	least(meminfo(machine))
	for _, name := range []string{"sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := fs.ReadFile(machine, name)
		if err != nil {
			continue
		}
		limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // or the word max
		least(limit-held, err == nil)
	}
	return bytes, known
}

func meminfo(machine fs.FS) (bytes int64, known bool) {
	file, err := machine.Open("proc/meminfo")
	if err != nil {
		return 0, false
	}
	defer func() { _ = file.Close() }() // it is only read
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) == 3 && fields[0] == "MemAvailable:" {
			kibibytes, err := strconv.ParseInt(fields[1], 10, 64)
			return kibibytes << 10, err == nil
		}
	}
	return 0, false
}
