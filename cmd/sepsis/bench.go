package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/load"
	"github.com/medtech-detect/sepsis/server"
)

// benchTimeout is how long a request may take; beyond it is counted as unanswered.
const benchTimeout = 30 * time.Second

type benchCommand struct {
	URL         string        `default:"http://127.0.0.1:8080" help:"Address of the service."`
	Data        []string      `sep:"none" type:"paths" placeholder:"PATH" help:"Folders, .zip or .psv of recorded stays, one or more; synthetic ones if none is named."`
	Bodies      string        `type:"existingfile" placeholder:"FILE" help:"Bodies of requests to send as they are, one a line, instead of stays."`
	Stays       int           `default:"200" help:"How many stays to send, each as of some hour, again and again."`
	Form        string        `enum:"flat,history" default:"history" help:"What to send of a stay: ${enum}. flat is its present hour alone."`
	Explain     bool          `default:"true" negatable:"" help:"Ask for the explanation."`
	Rate        float64       `default:"0" help:"Requests a second, whatever the service does; latency then counts from when a request was due. 0: each client sends as soon as it has its answer."`
	Arrivals    string        `enum:"even,random" default:"even" help:"How requests come at a rate: ${enum}. random is as independent callers come, several at once by chance."`
	Concurrency int           `default:"8" help:"Clients, each with one request at a time."`
	Duration    time.Duration `default:"10s" help:"How long to measure."`
	Warmup      time.Duration `default:"2s" help:"How long to send before that."`
	Header      []string      `sep:"none" placeholder:"NAME:VALUE" help:"Header of each request, such as a key; may be given several times."`
	Seed        uint64        `default:"1" help:"Start of all random choices."`
	Format      string        `enum:"text,json" default:"text" help:"How to print what was found: ${enum}."`
}

// Validate is called by kong.
func (c benchCommand) Validate() error {
	if c.Arrivals == "random" && c.Rate == 0 {
		return errors.New("--arrivals random needs a --rate: without one each client sends as soon as it has its answer")
	}
	_, err := c.headers()
	return err
}

// Run sends, measures and prints. Answers of another status than 200 are counted and make the command fail.
func (c benchCommand) Run(ctx context.Context) error {
	bodies, err := c.bodies()
	if err != nil {
		return err
	}
	header, err := c.headers()
	if err != nil {
		return err
	}
	plan := load.Plan{
		URL: strings.TrimSuffix(c.URL, "/") + fmt.Sprintf("/predict/patient?explain=%t", c.Explain), Header: header, Bodies: bodies,
		Clients: c.Concurrency, Rate: c.Rate, Warmup: c.Warmup, Length: c.Duration, Timeout: benchTimeout, Clock: time.Now,
	}
	if c.Arrivals == "random" {
		plan.Chance = rand.New(rand.NewPCG(c.Seed, 1))
	}
	report, err := load.Run(ctx, plan)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	if c.Format == "json" {
		err = json.NewEncoder(os.Stdout).Encode(report)
	} else {
		err = report.WriteText(os.Stdout)
	}
	if failed := report.Failed(); err == nil && failed > 0 {
		err = fmt.Errorf("bench: %d of %d requests did not get status 200", failed, report.Requests)
	}
	return err
}

func (c benchCommand) headers() (http.Header, error) {
	header := http.Header{"Content-Type": {"application/json"}}
	for _, line := range c.Header {
		name, value, found := strings.Cut(line, ":")
		if !found {
			return nil, fmt.Errorf("--header %q has no colon; write NAME:VALUE", name)
		}
		value = strings.TrimSpace(value)
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return nil, fmt.Errorf("--header %q is no header of HTTP: a name has no blanks, and a value no line breaks", name)
		}
		header.Add(name, value)
	}
	return header, nil
}

// stays are those that the service accepts of the named ones, or made-up ones.
func (c benchCommand) stays() (stays []sepsis.Stay, err error) {
	if len(c.Data) == 0 {
		made, err := challenge.Synthesize(challenge.SynthOptions{Stays: c.Stays, Seed: c.Seed, SepticShare: 0.08})
		if err != nil {
			return nil, fmt.Errorf("bench: --stays: %w", err)
		}
		for stay := range made {
			stays = append(stays, stay.Stay)
		}
		return stays, nil
	}
	cohort, err := challenge.Open(c.Data...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, cohort.Close()) }()
	for i := 0; i < cohort.Len() && len(stays) < c.Stays; i++ {
		record, err := cohort.ReadToPredict(i)
		if err != nil {
			return nil, err
		}
		record.PatientID = "" // names of files stay here
		stays = append(stays, record.Stay)
	}
	return stays, nil
}

// bodies are those of the named file, or of stays.
func (c benchCommand) bodies() ([][]byte, error) {
	if c.Bodies != "" {
		file, err := os.ReadFile(c.Bodies)
		if err != nil {
			return nil, fmt.Errorf("bench: --bodies: %w", err)
		}
		return bytes.FieldsFunc(file, func(r rune) bool { return r == '\n' }), nil
	}
	stays, err := c.stays()
	if err != nil {
		return nil, err
	}
	return c.bodiesOf(stays), nil
}

// bodiesOf are the stays, each as of an hour that is drawn. What the service would refuse, because the stay has no age or nothing
// was measured by then, is left out.
func (c benchCommand) bodiesOf(stays []sepsis.Stay) [][]byte {
	random := rand.New(rand.NewPCG(c.Seed, 0))
	var bodies [][]byte
	for i := range stays {
		stay := stays[i]
		hour := random.IntN(len(stay.Observations))
		if c.Form == "flat" {
			bodies = append(bodies, flatPatient(&stay, hour))
			continue
		}
		stay.Observations = stay.Observations[:hour+1]
		bodies = append(bodies, server.WritePatient(nil, &stay))
	}
	accepted := bodies[:0]
	for _, body := range bodies {
		if _, problems := server.ReadPatient(body); len(problems) == 0 {
			accepted = append(accepted, body)
		}
	}
	return accepted
}

// flatPatient is the latest value of each variable in the day before an hour, as of the only observation of the stay.
func flatPatient(stay *sepsis.Stay, hour int) []byte {
	past := *stay
	past.Observations = stay.Observations[:hour+1]
	last := past.Observations[hour]
	last.Values = past.Latest(24)
	past.Observations = []sepsis.Observation{last}
	return server.WriteFlatPatient(nil, &past)
}
