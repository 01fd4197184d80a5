package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/server"
)

// TestWrittenPatientsReadBack: what is written is read as the same stay.
func TestWrittenPatientsReadBack(t *testing.T) {
	stays, err := challenge.Synthesize(challenge.SynthOptions{Stays: 20, Seed: 3, SepticShare: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	check := func(stay *sepsis.Stay) {
		t.Helper()
		body := server.WritePatient(nil, stay)
		got, problems := server.ReadPatient(body)
		if len(problems) > 0 || fmt.Sprint(got) != fmt.Sprint(*stay) { // fmt, because missing is not equal to itself
			t.Errorf("%v\n%s\n%v\n%v", problems, body, got, *stay)
		}
	}
	for s := range stays {
		stay := s.Stay
		stay.PatientID = "é\"\n"
		check(&stay)
		stay.Observations = stay.Observations[:1]
		flat := server.WriteFlatPatient(nil, &stay)
		if got, _ := server.ReadPatient(flat); fmt.Sprint(got) != fmt.Sprint(stay) {
			t.Errorf("%s", flat)
		}
		stay.Observations[0].Hour = sepsis.HourUnknown
		check(&stay)
	}
}

func TestReadPatientRefuses(t *testing.T) {
	for _, body := range []string{"", "{}", strings.Repeat(" ", 5<<20)} {
		if _, problems := server.ReadPatient([]byte(body)); len(problems) == 0 {
			t.Errorf("%.10q is accepted", body)
		}
	}
}
