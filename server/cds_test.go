package server_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/audit"
	"github.com/medtech-detect/sepsis/server"
)

const cdsPath = "/cds-services/sepsis-risk"

// cdsBody is a call of the hook patient-view with a prefetch, of which keys can be replaced or, with an empty text, left out.
func cdsBody(changes ...string) string {
	prefetch := map[string]string{
		"patient": fhirPatient, "encounter": bundleOf("searchset", fhirEncounter),
		"vitals": bundleOf("searchset", observation("rate", "8867-4", 100, 118, "/min")),
		"labs":   bundleOf("searchset", observation("lactate", "32693-4", 90, 9, "mmol/L")),
	}
	for _, change := range changes {
		key, value, _ := strings.Cut(change, "=")
		prefetch[key] = value
		if value == "" {
			delete(prefetch, key)
		}
	}
	var parts []string
	for key, value := range prefetch {
		parts = append(parts, fmt.Sprintf("%q:%s", key, value))
	}
	body := `{"hook":"patient-view","hookInstance":"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea","fhirServer":"https://ehr.example/fhir",` +
		`"context":{"userId":"Practitioner/1","patientId":"p","encounterId":"e"},"prefetch":{` + strings.Join(parts, ",") + `},"extension":{"x":1}}`
	return strings.ReplaceAll(body, "2021-06-01T", "2022-01-01T") // the day of the server's clock, at noon
}

func callCDS(handler http.Handler, body string, headers ...string) *httptest.ResponseRecorder {
	return send(handler, "POST", cdsPath, body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

// cdsCard has every element of a card in the tables of CDS Hooks 2.0 ("Card Attributes", "Source", "Link").
type cdsCard struct {
	UUID, Summary, Detail, Indicator string
	Source                           struct {
		Label, URL, Icon string
		Topic            *struct{ System, Code, Display string }
	}
	Suggestions       []any
	SelectionBehavior string
	OverrideReasons   []struct{ System, Code, Display string }
	Links             []struct{ Label, URL, Type, AppContext string }
}

// cardsOf reads the answer of a service, and holds it against the tables of the specification.
func cardsOf(t testing.TB, recorder *httptest.ResponseRecorder) []cdsCard {
	t.Helper()
	if recorder.Code != http.StatusOK || recorder.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%d: %s", recorder.Code, recorder.Body)
	}
	var answer struct{ Cards *[]cdsCard }
	decoder := json.NewDecoder(strings.NewReader(recorder.Body.String()))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&answer); err != nil || answer.Cards == nil {
		t.Fatalf("%v in %s", err, recorder.Body)
	}
	for _, card := range *answer.Cards {
		checkCard(t, card)
	}
	return *answer.Cards
}

func checkCard(t testing.TB, card cdsCard) {
	t.Helper()
	switch {
	case card.Summary == "" || utf8.RuneCountInString(card.Summary) >= 140 || strings.Contains(card.Summary, "\n"):
		t.Errorf("summary %q", card.Summary)
	case !slices.Contains([]string{"info", "warning", "critical"}, card.Indicator):
		t.Errorf("indicator %q", card.Indicator)
	case card.Source.Label == "" || !strings.HasPrefix(card.Source.URL, "http"):
		t.Errorf("source %+v", card.Source)
	case len(card.UUID) != 36 || len(card.Suggestions) > 0 || card.SelectionBehavior != "":
		t.Errorf("card %+v", card)
	}
	for _, reason := range card.OverrideReasons {
		if reason.Display == "" || reason.Code == "" || reason.System == "" {
			t.Errorf("override reason %+v", reason)
		}
	}
	for _, link := range card.Links {
		if link.Label == "" || !strings.HasPrefix(link.URL, "http") || link.Type != "absolute" || link.AppContext != "" {
			t.Errorf("link %+v", link)
		}
	}
}

func TestDiscovery(t *testing.T) {
	recorder := send(newServer(t, &fakePredictor{}), "GET", "/cds-services", "")
	var answer struct {
		Services []struct {
			Hook, Title, Description, ID, UsageRequirements string
			Prefetch                                        map[string]string
		}
	}
	decode(t, recorder, &answer)
	var hooks []string
	for _, service := range answer.Services {
		hooks = append(hooks, service.ID+" "+service.Hook)
		if service.Description == "" || service.Title == "" || len(service.Prefetch) != 4 {
			t.Errorf("%+v", service)
		}
		for key, template := range service.Prefetch {
			if !strings.Contains(template, "{{context.") || strings.ContainsAny(template, " \n") {
				t.Errorf("%s: %q", key, template)
			}
		}
	}
	if !slices.Equal(hooks, []string{"sepsis-risk patient-view", "sepsis-risk-encounter encounter-start"}) {
		t.Errorf("%q", hooks)
	}
}

func TestCards(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	lactate := func(value float64) string {
		return "labs=" + bundleOf("searchset", observation("lactate", "32693-4", 90, value, "mmol/L"))
	}
	for _, c := range []struct {
		body, indicator, english, french string
		reasons                          int
	}{
		{cdsBody(), "critical", "Sepsis alert: 9.0 % risk of onset within 6 hours", "Alerte sepsis\u00a0: risque de 9,0\u00a0% de survenue dans les 6 heures", 5},
		{cdsBody(lactate(4)), "warning", "Sepsis watch: 4.0 % risk of onset within 6 hours", "Surveillance sepsis\u00a0: risque de 4,0\u00a0% de survenue dans les 6 heures", 5},
		{cdsBody("labs=null"), "info", "Sepsis risk is low: 1.0 % within 6 hours", "Risque de sepsis faible\u00a0: 1,0\u00a0% dans les 6 heures", 0},
		{cdsBody("vitals=null", lactate(1)), "info", "Sepsis risk cannot be judged: too little is known, or unusual data", "Risque de sepsis non évaluable\u00a0: données insuffisantes ou inhabituelles", 0},
		{cdsBody("vitals=null", lactate(9)), "warning", "Sepsis watch: 9.0 % risk of onset within 6 hours", "Surveillance sepsis\u00a0: risque de 9,0\u00a0% de survenue dans les 6 heures", 5},
	} {
		english := cardsOf(t, callCDS(handler, c.body))
		french := cardsOf(t, callCDS(handler, c.body, "Accept-Language", "fr-CH, en;q=0.5"))
		if len(english) != 1 || english[0].Summary != c.english || english[0].Indicator != c.indicator || len(english[0].OverrideReasons) != c.reasons {
			t.Errorf("%+v, want %q", english, c.english)
		}
		if len(french) != 1 || french[0].Summary != c.french || french[0].Indicator != c.indicator {
			t.Errorf("%+v, want %q", french, c.french)
		}
		if !strings.Contains(english[0].Detail, "not a medical device") || !strings.Contains(french[0].Detail, "n'est pas un dispositif médical") {
			t.Errorf("details %q, %q", english[0].Detail, french[0].Detail)
		}
	}
}

// TestCardsOfOldValues: when the hours that the risk is of have passed, as after the patient has left the unit, no card speaks of the next ones.
func TestCardsOfOldValues(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for _, c := range []struct{ last, indicator, english, french, counts string }{ // the call is of noon
		{"2022-01-01T11:30", "critical", "Sepsis alert: 9.0 %", "Alerte sepsis", "< 1 h"},
		{"2022-01-01T06:00", "critical", "Sepsis alert: 9.0 %", "Alerte sepsis", "6 h"},
		{"2022-01-01T05:59", "info", "Sepsis risk cannot be judged: no value of the last 6 hours", "Risque de sepsis non évaluable\u00a0: aucune valeur", "6 h"},
		{"2021-12-26T12:00", "info", "Sepsis risk cannot be judged: no value of the last 6 hours", "Risque de sepsis non évaluable\u00a0: aucune valeur", "144 h"},
	} {
		body := strings.NewReplacer("2022-01-01T08:00", "2021-12-24T08:00", "2022-01-01T09:30", c.last, "2022-01-01T09:40", c.last).Replace(cdsBody())
		english := cardsOf(t, callCDS(handler, body))[0]
		french := cardsOf(t, callCDS(handler, body, "Accept-Language", "fr"))[0]
		if !strings.HasPrefix(english.Summary, c.english) || !strings.HasPrefix(french.Summary, c.french) || english.Indicator != c.indicator || (c.indicator == "info") != (len(english.OverrideReasons) == 0) {
			t.Errorf("%s: %s %q, %q", c.last, english.Indicator, english.Summary, french.Summary)
		}
		if !strings.Contains(english.Detail, "last value that was used, "+c.counts+" before this call.") || !strings.Contains(french.Detail, "dernière valeur utilisée, "+c.counts+" avant cet appel.") {
			t.Errorf("%s: %s\n%s", c.last, english.Detail, french.Detail)
		}
	}
}

// TestCardsWithoutEncounterGoByTheValuesOfNow: those of years ago, as of a visit to a practice, do not silence an alert.
func TestCardsWithoutEncounterGoByTheValuesOfNow(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for _, day := range []string{"2018-03-01T", "2020-12-30T"} { // the second is 367 days before the call
		old := strings.Replace(observation("old", "8867-4", 60, 80, "/min"), "2021-06-01T", day, 1)
		card := cardsOf(t, callCDS(handler, cdsBody("encounter=null", "vitals="+bundleOf("searchset", observation("rate", "8867-4", 100, 118, "/min"), old))))[0]
		if card.Indicator != "critical" || strings.Contains(card.Detail, "Left out") {
			t.Errorf("%s: %s %s\n%s", day, card.Indicator, card.Summary, card.Detail)
		}
	}
}

func TestCardGolden(t *testing.T) {
	config := config(&fakePredictor{synthetic: true}, io.Discard)
	config.PublicURL = "https://sepsis.example/"
	handler := serverOf(t, config)
	broken := "vitals=" + bundleOf("searchset", observation("rate", "8867-4", 100, 118, "/min"), observation("t", "8310-5", 100, 101.3, "Cel"),
		observation("rate2", "8867-4", 99, 232, "/min"), observation("rate3", "8867-4", 98, 231, "/min"))
	for name, language := range map[string]string{"card.md": "en", "card_fr.md": "fr"} {
		card := cardsOf(t, callCDS(handler, cdsBody(broken), "Accept-Language", language))[0]
		if card.Links[0].URL != "https://sepsis.example/docs" || card.UUID != "017e1582-ca00-0000-0000-000000000000" {
			t.Errorf("%+v", card)
		}
		compare(t, "testdata/"+name, []byte(card.Detail))
	}
}

// TestFrenchPunctuationStaysWithItsWord on cards, as on the page: what French sets a blank before never begins a line.
func TestFrenchPunctuationStaysWithItsWord(t *testing.T) {
	alone := regexp.MustCompile(`.{0,20}(?: [:;?!»%]|« ).{0,20}`)
	handler := newServer(t, &fakePredictor{synthetic: true})
	for _, body := range []string{cdsBody(), cdsBody("encounter=null"), cdsBody("vitals=null")} {
		card := cardsOf(t, callCDS(handler, body, "Accept-Language", "fr"))[0]
		for _, found := range alone.FindAllString(card.Summary+"\n"+card.Detail, -1) {
			t.Errorf("%q has a blank that breaks", found)
		}
	}
}

// TestCardsWarn: that the model is for demonstration is told before anything else, and no other card says so.
func TestCardsWarn(t *testing.T) {
	for language, want := range map[string][2]string{
		"en": {"**For demonstration only: ", "**Warnings**\n\n- No Encounter tells"},
		"fr": {"**Pour démonstration seulement\u00a0: ", "**Mises en garde**\n\n- Aucun Encounter n'indique"},
	} {
		made := cardsOf(t, callCDS(newServer(t, &fakePredictor{synthetic: true}), cdsBody("encounter=null"), "Accept-Language", language))[0]
		if !strings.HasPrefix(made.Detail, want[0]) || !strings.Contains(made.Detail, want[1]) {
			t.Errorf("%s", made.Detail)
		}
		plain := cardsOf(t, callCDS(newServer(t, &fakePredictor{}), cdsBody(), "Accept-Language", language))[0]
		if strings.Contains(plain.Detail, want[0]) || strings.Contains(plain.Detail, want[1]) {
			t.Errorf("%s", plain.Detail)
		}
	}
}

// TestCardsCountAllWarnings, also those that an answer does not list.
func TestCardsCountAllWarnings(t *testing.T) {
	body := strings.ReplaceAll(cdsBody("vitals="+bundleOf("searchset", unusualValues()...)), "2022-01-01T", "2021-06-01T") // the month of those values
	made := cardsOf(t, callCDS(newServer(t, &fakePredictor{}), body))[0]
	if !strings.Contains(made.Detail, "\n- 1200 × a value outside its usual range\n") {
		t.Errorf("%s", made.Detail)
	}
}

// TestCardsTellWhatDidNotCome, and what came and is not read, in counts.
func TestCardsTellWhatDidNotCome(t *testing.T) {
	ended := "encounter=" + strings.Replace(fhirEncounter, `"start"`, `"end":"2021-06-01T09:45:00Z","start"`, 1)
	outcome := `{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"suppressed"}]}`
	vitals := "vitals=" + bundleOf("searchset", observation("rate", "8867-4", 100, 118, "/min"), outcome, outcome, observation("w", "29463-7", 99, 70, "kg"),
		observation("h", "8302-2", 99, 170, "cm"), observation("late", "8867-4", 106, 110, "/min"))
	for language, want := range map[string][]string{
		"en": {"- 2 × a search that failed in part, or did not tell all", "2 × without a LOINC code that is read", "1 × measured after the end of the stay"},
		"fr": {"- 2 × une recherche qui a échoué en partie, ou n'a pas tout transmis", "2 × sans code LOINC reconnu", "1 × mesuré après la fin du séjour"},
	} {
		card := cardsOf(t, callCDS(newServer(t, &fakePredictor{}), cdsBody(vitals, ended), "Accept-Language", language))[0]
		for _, text := range want {
			if !strings.Contains(card.Detail, text) {
				t.Errorf("%s: no %q in\n%s", language, text, card.Detail)
			}
		}
	}
}

// TestCardsOfPatientsNotInUse say so.
func TestCardsOfPatientsNotInUse(t *testing.T) {
	body := cdsBody("patient=" + strings.Replace(fhirPatient, `"id"`, `"active":false,"id"`, 1))
	for language, want := range map[string]string{"en": "- The Patient is not in active use", "fr": "- Le Patient n'est plus utilisé"} {
		if card := cardsOf(t, callCDS(newServer(t, &fakePredictor{}), body, "Accept-Language", language))[0]; !strings.Contains(card.Detail, want) {
			t.Errorf("%s", card.Detail)
		}
	}
}

// TestLocationsOfTheEncounter are asked for where the query is a search; when they do not come, the card says what that means.
func TestLocationsOfTheEncounter(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	if discovery := send(handler, "GET", "/cds-services", "").Body.String(); !strings.Contains(discovery, "status=in-progress&_include=Encounter:location") {
		t.Errorf("%s", discovery)
	}
	placed := strings.Replace(fhirEncounter, `"period"`, `"location":[{"location":{"reference":"Location/icu"},"period":{"start":"2021-06-01T08:30:00Z"}}],"period"`, 1)
	icu := `{"resourceType":"Location","id":"icu","type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-RoleCode","code":"ICU"}]}]}`
	for language, warning := range map[string]string{"en": "- The Encounter's locations do not tell", "fr": "- Les lieux de l'Encounter n'indiquent pas"} {
		without := cardsOf(t, callCDS(handler, cdsBody("encounter="+placed), "Accept-Language", language))[0]
		with := cardsOf(t, callCDS(handler, cdsBody("encounter="+bundleOf("searchset", placed, icu)), "Accept-Language", language))[0]
		if !strings.Contains(without.Detail, warning) || strings.Contains(with.Detail, warning) {
			t.Errorf("without Locations: %s\nwith: %s", without.Detail, with.Detail)
		}
	}
}

// TestDiscoveryInFrench says the same of the same services, for those who set them up.
func TestDiscoveryInFrench(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	english := send(handler, "GET", "/cds-services", "").Body.String()
	french := send(handler, "GET", "/cds-services", "", "Accept-Language", "fr-FR, en;q=0.5").Body.String()
	for _, pair := range [][2]string{
		{`"title":"Sepsis risk in intensive care"`, `"title":"Risque de sepsis en réanimation"`}, {"not a medical device", "n'est pas un dispositif médical"}, {"Needs the prefetch", "Le prefetch est nécessaire"},
	} {
		if strings.Count(english, pair[0]) != len(pair) || strings.Count(french, pair[1]) != len(pair) || strings.Contains(french, pair[0]) {
			t.Errorf("%q in %s; %q in %s", pair[0], english, pair[1], french)
		}
	}
	for _, same := range []string{`"id":"sepsis-risk"`, `"hook":"encounter-start"`, "status=in-progress&_include=Encounter:location"} {
		if !strings.Contains(french, same) {
			t.Errorf("no %s in %s", same, french)
		}
	}
}

// TestAcceptLanguage: English unless French is preferred.
func TestAcceptLanguage(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for header, french := range map[string]bool{"": false, "fr": true, "fr-FR": true, "en-GB, fr;q=0.8": false, "de, fr;q=0.5": true, "de": false, "*": false, ";;": false} {
		card := cardsOf(t, callCDS(handler, cdsBody(), "Accept-Language", header))[0]
		if got := strings.HasPrefix(card.Summary, "Alerte"); got != french {
			t.Errorf("%q: %s", header, card.Summary)
		}
	}
}

// TestPrecondition: what is needed and was not sent is 412, with its name; nothing is predicted.
func TestPrecondition(t *testing.T) {
	outcome := `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"exception"}]}`
	page := strings.Replace(bundleOf("searchset", observation("rate", "8867-4", 100, 118, "/min")), `"entry"`, `"link":[{"relation":"next","url":"x"}],"entry"`, 1)
	for _, c := range []struct{ body, says string }{
		{cdsBody("patient="), "patient (not sent)"},
		{cdsBody("patient=null"), "patient (null)"},
		{cdsBody("vitals=", "labs="), "vitals (not sent), labs (not sent)"},
		{cdsBody("labs=" + outcome), "labs (an OperationOutcome came in its place)"},
		{cdsBody("labs=" + bundleOf("searchset", outcome)), "labs (an OperationOutcome came in its place)"},
		{cdsBody("vitals=null", "labs=null"), "nothing was measured"},
		{cdsBody("patient=" + strings.Replace(fhirPatient, `,"birthDate":"1954-03-02"`, "", 1)), "birthDate is required"},
		{cdsBody("encounter=" + strings.Replace(fhirEncounter, `"e"`, `"other"`, 1)), "the Encounter of the request is not among the resources"},
		{cdsBody("vitals=" + page), "further pages"},
		{cdsBody("vitals=" + page), "_total=none"},
		{cdsBody("vitals=" + strings.Replace(page, `"link":[{"relation":"next","url":"x"}]`, `"total":900`, 1)), "its total"},
		{cdsBody("vitals="+page, "labs="+bundleOf("searchset", strings.Replace(observation("old", "32693-4", 90, 1, "mmol/L"), "06-01T09", "05-20T09", 1))), "further pages"},
		{strings.Replace(cdsBody(), `"prefetch":`, `"nothing":`, 1), "patient (not sent)"},
	} {
		predictor := &fakePredictor{}
		problem := problemOf(t, callCDS(newServer(t, predictor), c.body), http.StatusPreconditionFailed)
		if !strings.Contains(problem.Detail, c.says) || predictor.asked != nil {
			t.Errorf("%q does not say %q", problem.Detail, c.says)
		}
	}
}

// TestSearchesInVain: a search that found nothing may say so in a warning; then there is nothing, and nothing failed.
func TestSearchesInVain(t *testing.T) {
	for _, severity := range []string{"warning", "information"} {
		vain := strings.Replace(bundleOf("searchset", `{"resourceType":"OperationOutcome","issue":[{"severity":"`+severity+`","code":"processing","details":{"text":"Resource request returns no results."}}]}`), `"entry"`, `"total":0,"entry"`, 1)
		if cards := cardsOf(t, callCDS(newServer(t, &fakePredictor{}), cdsBody("labs="+vain))); len(cards) != 1 || cards[0].Indicator != "info" {
			t.Errorf("%s: %+v", severity, cards)
		}
		for _, encounter := range []string{vain, bundleOf("searchset")} { // as when it is null
			if cards := cardsOf(t, callCDS(newServer(t, &fakePredictor{}), cdsBody("encounter="+encounter))); len(cards) != 1 || !strings.Contains(cards[0].Detail, "No Encounter tells") {
				t.Errorf("%s: %+v", severity, cards)
			}
		}
	}
	short := bundleOf("searchset", `{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"suppressed"}]}`) // there may be more than was told
	problemOf(t, callCDS(newServer(t, &fakePredictor{}), cdsBody("labs="+short)), http.StatusPreconditionFailed)
}

// TestCallsThatAreWrong are refused with 422 and the place.
func TestCallsThatAreWrong(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	described := loadDocument(t, handler).Paths.Value("/cds-services/{service}").Post.Responses.Value("422").Value.Content["application/problem+json"].Schema.Value
	for _, c := range []struct {
		body, place string
		code        sepsis.Code
	}{
		{"", "body", sepsis.InvalidJSON},
		{"{", "body", sepsis.InvalidJSON},
		{"[]", "body", sepsis.WrongType},
		{`{"hook":"patient-view","hook":"x"}`, "body", sepsis.DuplicateField},
		{`{"hook":"patient-view","hookInstance":"x","context":5}`, "body.context", sepsis.WrongType},
		{`{}`, "body.hook", sepsis.MissingField},
		{strings.Replace(cdsBody(), "patient-view", "order-sign", 1), "body.hook", sepsis.WrongType},
		{strings.Replace(cdsBody(), `"patientId":"p"`, `"patientId":"q"`, 1), "body.prefetch.patient.id", "wrong_patient"},
		{cdsBody("patient=" + strings.Replace(fhirPatient, `"id"`, `"implicitRules":"x","id"`, 1)), "body.prefetch.patient", "unknown_modifier"},
		{cdsBody("vitals=" + bundleOf("searchset", strings.Replace(observation("rate", "8867-4", 100, 118, "/min"), "Patient/p", "Patient/q", 1))), "body.prefetch.vitals.entry[0].resource.subject", "several_patients"},
	} {
		refused := callCDS(handler, c.body)
		conforms(t, described, refused.Body.Bytes())
		problem := problemOf(t, refused, http.StatusUnprocessableEntity)
		if problem.Errors[0].Location != c.place || problem.Errors[0].Code != c.code {
			t.Errorf("%.60s: %+v, want %s at %s", c.body, problem.Errors, c.code, c.place)
		}
	}
	problemOf(t, send(handler, "POST", "/cds-services/other", cdsBody()), http.StatusNotFound)
	problemOf(t, send(handler, "POST", cdsPath, cdsBody(), "Content-Type", "text/plain"), http.StatusUnsupportedMediaType)
	problemOf(t, callCDS(newServer(t, &fakePredictor{unfit: errUnfit}), cdsBody()), http.StatusServiceUnavailable)
}

// TestGenderThatIsNone of FHIR's codes is left out and told, as a client cannot correct it.
func TestGenderThatIsNone(t *testing.T) {
	predictor := &fakePredictor{}
	cards := cardsOf(t, callCDS(newServer(t, predictor), cdsBody("patient="+strings.Replace(fhirPatient, `"female"`, `"F"`, 1))))
	if len(cards) != 1 || predictor.asked.Sex != "" || !strings.Contains(cards[0].Detail, "Left out, because it cannot be used: 1 × ") {
		t.Errorf("%q %+v", predictor.asked.Sex, cards)
	}
}

// TestNothingToSay: children, the dead and patients elsewhere get no card, and no error.
func TestNothingToSay(t *testing.T) {
	predictor := &fakePredictor{}
	handler := newServer(t, predictor)
	for _, body := range []string{
		cdsBody("patient=" + strings.Replace(fhirPatient, "1954", "2010", 1)),
		cdsBody("patient="+strings.Replace(fhirPatient, `"id"`, `"deceasedBoolean":true,"id"`, 1), "vitals=null", "labs=null"),
		cdsBody("patient=" + strings.Replace(fhirPatient, `"id"`, `"deceasedDateTime":"2021-06-02T08:00:00Z","id"`, 1)),
		cdsBody("encounter=" + strings.Replace(fhirEncounter, "IMP", "AMB", 1)),
	} {
		if cards := cardsOf(t, callCDS(handler, body)); len(cards) != 0 || predictor.asked != nil {
			t.Errorf("%+v", cards)
		}
	}
}

// TestEncountersElsewhere: the hook patient-view need not name the Encounter. Where none is under way but elsewhere there is no
// card; where none is under way, the card says that its hours count from the first value.
func TestEncountersElsewhere(t *testing.T) {
	ambulatory := strings.Replace(fhirEncounter, "IMP", "AMB", 1)
	for _, c := range []struct {
		encounters []string
		cards      int
		warned     bool
	}{
		{[]string{ambulatory}, 0, false},
		{[]string{ambulatory, strings.NewReplacer("in-progress", "planned", `"e"`, `"f"`).Replace(fhirEncounter)}, 0, false},
		{[]string{ambulatory, strings.Replace(fhirEncounter, `"e"`, `"f"`, 1)}, 1, false},
		{[]string{strings.Replace(ambulatory, "in-progress", "finished", 1)}, 1, true},
		{nil, 1, true},
	} {
		body := strings.Replace(cdsBody("encounter="+bundleOf("searchset", c.encounters...)), `,"encounterId":"e"`, "", 1)
		cards := cardsOf(t, callCDS(newServer(t, &fakePredictor{}), body))
		if len(cards) != c.cards || len(cards) == 1 && strings.Contains(cards[0].Detail, "No Encounter tells") != c.warned {
			t.Errorf("%s: %+v", c.encounters, cards)
		}
	}
}

// TestHL7Requests: HL7's examples of requests are refused with what they lack; what is no request, for that.
func TestHL7Requests(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for name, text := range examples(t, "cds-hooks/*.json") {
		switch recorder := callCDS(handler, text); {
		case strings.HasSuffix(name, "request.json") && strings.Contains(text, `"patient-view"`) && strings.Contains(text, `"patientId"`):
			if problem := problemOf(t, recorder, http.StatusPreconditionFailed); !strings.Contains(problem.Detail, "vitals (not sent)") {
				t.Errorf("%s: %s", name, problem.Detail)
			}
		default:
			if problem := problemOf(t, recorder, http.StatusUnprocessableEntity); !strings.HasPrefix(problem.Errors[0].Location, "body.") {
				t.Errorf("%s: %+v", name, problem)
			}
		}
	}
}

// notes is a log of feedback that knows one prediction.
type notes struct {
	sepsis.AuditLog
	kept  []sepsis.Feedback
	fails error
}

func (n *notes) AddFeedback(_ context.Context, feedback sepsis.Feedback) error {
	if n.fails != nil {
		return n.fails
	}
	if feedback.Prediction != "01FRAR5JG00000000000000000" {
		return sepsis.ErrNotFound
	}
	n.kept = append(n.kept, feedback)
	return nil
}

func feedbackServer(t *testing.T, log *notes) http.Handler {
	t.Helper()
	config := config(&fakePredictor{}, io.Discard)
	config.Audit, config.AuditLog = keeping{}, log
	return serverOf(t, config)
}

func TestFeedback(t *testing.T) {
	log := &notes{}
	handler := feedbackServer(t, log)
	card := cardsOf(t, callCDS(handler, cdsBody()))[0]
	body := fmt.Sprintf(`{"feedback":[
		{"card":%q,"outcome":"overridden","overrideReason":{"reason":{"code":"other-cause","system":"x"},"userComment":"bleeding"},"outcomeTimestamp":"2022-01-01T11:59:00Z"},
		{"card":%q,"outcome":"accepted","acceptedSuggestions":[{"id":"s"}],"outcomeTimestamp":"2022-01-01T11:59:00.123Z"}]}`, card.UUID, card.UUID)
	if recorder := send(handler, "POST", cdsPath+"/feedback", body); recorder.Code != http.StatusOK {
		t.Fatalf("%d: %s", recorder.Code, recorder.Body)
	}
	want := []sepsis.Feedback{
		{Prediction: "01FRAR5JG00000000000000000", Time: noon, Caller: "local", Reason: "other-cause", Comment: "bleeding"},
		{Prediction: "01FRAR5JG00000000000000000", Time: noon, Caller: "local", Accepted: true},
	}
	if !slices.Equal(log.kept, want) {
		t.Errorf("%+v, want %+v", log.kept, want)
	}
}

func TestFeedbackThatIsWrong(t *testing.T) {
	log := &notes{}
	handler := feedbackServer(t, log)
	for body, place := range map[string]string{
		"": "body", "{}": "body.feedback", `{"feedback":[]}`: "body.feedback", `{"feedback":{}}`: "body.feedback",
		`{"feedback":[{"outcome":"overridden","outcomeTimestamp":"2022-01-01T11:59:00Z"}]}`:                                            "body.feedback[0].card",
		`{"feedback":[{"card":"017e1582-ca00-0000-0000-000000000000","outcome":"ignored","outcomeTimestamp":"2022-01-01T11:59:00Z"}]}`: "body.feedback[0].outcome",
		`{"feedback":[{"card":"017e1582-ca00-0000-0000-000000000000","outcome":"overridden","overrideReason":{"reason":{"code":1}}}]}`: "body.feedback[0].overrideReason.reason.code",
		`{"feedback":[{"card":"017e1582-ca00-0000-0000-000000000000","outcome":"accepted"}]}`:                                          "body.feedback[0].outcomeTimestamp",
		`{"feedback":[{"card":"017e1582-ca00-0000-0000-000000000000","outcome":"accepted","outcomeTimestamp":"yesterday"}]}`:           "body.feedback[0].outcomeTimestamp",
	} {
		if problem := problemOf(t, send(handler, "POST", cdsPath+"/feedback", body), http.StatusUnprocessableEntity); problem.Errors[0].Location != place {
			t.Errorf("%s: %+v, want %s", body, problem.Errors, place)
		}
	}
	unknown := `{"feedback":[{"card":"117e15a8-9600-0000-0000-000000000000","outcome":"overridden","outcomeTimestamp":"2022-01-01T11:59:00Z"}]}`
	problemOf(t, send(handler, "POST", cdsPath+"/feedback", unknown), http.StatusNotFound)
	log.fails = sepsis.ErrFull
	problemOf(t, send(handler, "POST", cdsPath+"/feedback", unknown), http.StatusConflict)
	log.fails = errors.New("the disk is full")
	problemOf(t, send(handler, "POST", cdsPath+"/feedback", unknown), http.StatusServiceUnavailable)
	problemOf(t, send(newServer(t, &fakePredictor{}), "POST", cdsPath+"/feedback", unknown), http.StatusServiceUnavailable)
	problemOf(t, send(handler, "POST", "/cds-services/other/feedback", unknown), http.StatusNotFound)
	if len(log.kept) > 0 {
		t.Errorf("%+v", log.kept)
	}
}

func TestCORS(t *testing.T) {
	config := config(&fakePredictor{}, io.Discard)
	config.CDSOrigins = []string{"https://ehr.example"}
	handler := serverOf(t, config)
	preflight := send(handler, "OPTIONS", cdsPath, "", "Origin", "https://ehr.example", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type")
	if preflight.Code != http.StatusNoContent || !strings.Contains(preflight.Header().Get("Access-Control-Allow-Headers"), "Content-Type, X-Requested-With, X-Request-Id") ||
		preflight.Header().Get("Access-Control-Allow-Origin") != "https://ehr.example" || preflight.Header().Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("%d, %v", preflight.Code, preflight.Header())
	}
	for _, c := range []struct {
		target, origin string
		allowed        bool
	}{
		{"/cds-services", "https://ehr.example", true},
		{"/cds-services", "https://evil.example", false},
		{"/cds-services", "", false},
		{"/variables", "https://ehr.example", false},
		{"/fhir/metadata", "https://ehr.example", false},
		{"/cds-servicesx", "https://ehr.example", false},
	} {
		recorder := send(handler, "GET", c.target, "", "Origin", c.origin)
		if got := recorder.Header().Get("Access-Control-Allow-Origin"); (got != "") != c.allowed {
			t.Errorf("%s from %s: %q", c.target, c.origin, got)
		}
	}
	problemOf(t, send(newServer(t, &fakePredictor{}), "OPTIONS", cdsPath, "", "Origin", "https://ehr.example", "Access-Control-Request-Method", "POST"), http.StatusMethodNotAllowed)
}

// TestPagesThatCallCDS: named sites' pages may call the services, and nothing else; others call nothing.
func TestPagesThatCallCDS(t *testing.T) {
	for _, named := range []string{ehr, "*"} {
		handler := guarded(t, func(c *server.Config) { c.Gate, c.CDSOrigins = nil, []string{named} })
		cross := []string{"Origin", ehr, "Sec-Fetch-Site", "cross-site"}
		answered := callCDS(handler, cdsBody(), cross...)
		if cardsOf(t, answered); answered.Header().Get("Access-Control-Allow-Origin") != ehr {
			t.Errorf("%v", answered.Header())
		}
		problemOf(t, send(handler, "POST", "/predict/patient", flatBody, cross...), http.StatusForbidden)
		outcomeOf(t, evaluate(handler, goodBundle, cross...), http.StatusForbidden)
	}
	handler := guarded(t, func(c *server.Config) { c.Gate, c.CDSOrigins = nil, []string{ehr} })
	problemOf(t, callCDS(handler, cdsBody(), "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"), http.StatusForbidden)
	problemOf(t, callCDS(handler, cdsBody(), "Sec-Fetch-Site", "cross-site"), http.StatusForbidden)
}

// hanging is a log that does not answer before its caller gives up.
type hanging struct{ sepsis.AuditLog }

func (hanging) AddFeedback(ctx context.Context, _ sepsis.Feedback) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestFeedbackDoesNotWaitForever for a log that hangs: 10 seconds, as for an outcome.
func TestFeedbackDoesNotWaitForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := config(&fakePredictor{}, io.Discard)
		config.Audit, config.AuditLog = keeping{}, hanging{}
		handler := serverOf(t, config)
		start := time.Now() //nolint:forbidigo // of the bubble
		body := `{"feedback":[{"card":"017e1582-ca00-0000-0000-000000000000","outcome":"accepted","outcomeTimestamp":"2022-01-01T11:59:00Z"}]}`
		problemOf(t, send(handler, "POST", cdsPath+"/feedback", body), http.StatusServiceUnavailable)
		if waited := time.Since(start); waited != 10*time.Second { //nolint:forbidigo // as above
			t.Errorf("waited %v", waited)
		}
	})
}

// TestTokensAreNotRecorded: what opens the client's FHIR server is no input. The digest is of what is kept.
func TestTokensAreNotRecorded(t *testing.T) {
	scene := newScene(t)
	scene.audit.Privacy = audit.InFull()
	handler := scene.start(t)
	body := cdsBody()
	plain := strings.Replace(body, `{"hook":`, `{"x": {"fhirAuthorization": "other"}, "hook":`, 1)
	for sent, kept := range map[string]string{
		body: body,
		strings.Replace(body, `"context":`, `"fhirAuthorization": {"access_token":"secret", "scope":"é"} ,"context":`, 1): strings.Replace(body, `"context":`, `"fhirAuthorization": null ,"context":`, 1),
		plain[:len(plain)-1] + `,"fhirAuthoriz\u0061tion":"secret"}`:                                                      plain[:len(plain)-1] + `,"fhirAuthoriz\u0061tion":null}`,
	} {
		id := ulidOf(t, cardsOf(t, callCDS(handler, sent))[0].UUID)
		record, err := scene.audit.Log.Record(t.Context(), id)
		digest := sha256.Sum256([]byte(kept))
		if err != nil || string(record.Input) != kept || record.InputSHA256 != hex.EncodeToString(digest[:]) {
			t.Errorf("%v, kept %s", err, record.Input)
		}
	}
}

// ulidOf is the id of the prediction of a card: the same 128 bits.
func ulidOf(t *testing.T, uuid string) string {
	t.Helper()
	var id ulid.ULID
	if _, err := hex.Decode(id[:], []byte(strings.ReplaceAll(uuid, "-", ""))); err != nil {
		t.Fatal(err)
	}
	return id.String()
}

// TestFeedbackStandsInTheAuditLog, beside the prediction of the card, with who told it.
func TestFeedbackStandsInTheAuditLog(t *testing.T) {
	scene := newScene(t)
	scene.config.CDSClients, scene.config.PublicURL = &guard{}, "https://sepsis.example"
	handler := scene.start(t)
	const token = "Bearer good"
	body := cdsBody()
	card := cardsOf(t, callCDS(handler, body, "Authorization", token))[0]
	told := fmt.Sprintf(`{"feedback":[{"card":%q,"outcome":"overridden","overrideReason":{"reason":{"code":"other-cause"},"userComment":"bleeding"},"outcomeTimestamp":"2022-01-01T11:59:00Z"}]}`, card.UUID)
	if recorder := send(handler, "POST", cdsPath+"/feedback", told, "Authorization", token); recorder.Code != http.StatusOK {
		t.Fatalf("%d: %s", recorder.Code, recorder.Body)
	}
	page := list(t, handler, "")
	if len(page.Predictions) != 1 {
		t.Fatalf("%v", page.Predictions)
	}
	var shown struct {
		Caller, Route string
		InputSHA256   string `json:"input_sha256"`
		Feedback      []struct {
			Caller, Reason, Comment string
			Accepted                bool
		}
	}
	decode(t, send(handler, "GET", "/predictions/"+page.Predictions[0]["id"].(string), ""), &shown)
	if shown.Caller != "cds:ehr" || shown.Route != "POST /cds-services/{service}" || shown.InputSHA256 != fmt.Sprintf("%x", sha256.Sum256([]byte(body))) {
		t.Errorf("%+v", shown)
	}
	if f := shown.Feedback; len(f) != 1 || f[0].Caller != "cds:ehr" || f[0].Reason != "other-cause" || f[0].Comment != "bleeding" || f[0].Accepted {
		t.Errorf("%+v", shown.Feedback)
	}
}

// guard knows one client, and remembers the audience that it was asked about.
type guard struct{ audience string }

func (g *guard) Authenticate(r *http.Request, audience string) (sepsis.Principal, func(), error) {
	g.audience = audience
	switch r.Header.Get("Authorization") {
	case "Bearer good":
	case "Bearer unsure":
		return sepsis.Principal{}, nil, &sepsis.Refusal{Cause: sepsis.CannotTell, Detail: "the keys are away"}
	default:
		return sepsis.Principal{}, nil, errors.New("send a token")
	}
	return sepsis.Principal{Name: "cds:ehr", Roles: []sepsis.Role{sepsis.PredictRole}}, func() {}, nil
}

// onceEach lets a client in with any token, but with each once, unless it is given back. It is for one request at a time.
type onceEach struct{ used map[string]bool }

func (o *onceEach) Authenticate(r *http.Request, _ string) (sepsis.Principal, func(), error) {
	token := r.Header.Get("Authorization")
	if o.used[token] {
		return sepsis.Principal{}, nil, errors.New("the token was used before")
	}
	o.used[token] = true
	return sepsis.Principal{Name: "cds:ehr", Roles: []sepsis.Role{sepsis.PredictRole}}, func() { delete(o.used, token) }, nil
}

func TestCDSClients(t *testing.T) {
	config := config(&fakePredictor{}, io.Discard)
	config.Gate = refusing{errors.New("the gate is not asked")}
	known, log := &guard{}, &notes{}
	config.CDSClients, config.PublicURL = known, "https://sepsis.example"
	config.Audit, config.AuditLog = keeping{}, log
	handler := serverOf(t, config)
	feedback := `{"feedback":[{"card":"017e1582-ca00-0000-0000-000000000000","outcome":"overridden","outcomeTimestamp":"2022-01-01T11:59:00Z"}]}`
	for _, c := range []struct{ method, path, body string }{{"POST", cdsPath, cdsBody()}, {"POST", cdsPath + "/feedback", feedback}} {
		refused := send(handler, c.method, c.path, c.body, "Authorization", "Bearer bad")
		if problem := problemOf(t, refused, http.StatusUnauthorized); problem.Detail != "send a token" || refused.Header().Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%+v", problem)
		}
		unsure := send(handler, c.method, c.path, c.body, "Authorization", "Bearer unsure")
		if problem := problemOf(t, unsure, http.StatusServiceUnavailable); problem.Detail != "the keys are away" || unsure.Header().Get("Retry-After") != "1" {
			t.Errorf("%+v", problem)
		}
		if recorder := send(handler, c.method, c.path, c.body, "Authorization", "Bearer good"); recorder.Code != http.StatusOK || known.audience != "https://sepsis.example"+c.path {
			t.Errorf("%d, audience %q: %s", recorder.Code, known.audience, recorder.Body)
		}
	}
	if recorder := send(handler, "GET", "/cds-services", ""); recorder.Code != http.StatusOK {
		t.Errorf("discovery: %d", recorder.Code)
	}
	problemOf(t, send(handler, "POST", "/predict/patient", flatBody, "Authorization", "Bearer good"), http.StatusInternalServerError)
	if len(log.kept) != 1 || log.kept[0].Caller != "cds:ehr" {
		t.Errorf("%+v", log.kept)
	}
}

// TestATokenOutlivesARefusalForTheMoment: who is told to come again comes with the same token. Any other answer uses it up.
func TestATokenOutlivesARefusalForTheMoment(t *testing.T) {
	predictor, clock := newWaiting(), &clock{noon}
	config := config(predictor, io.Discard)
	config.CDSClients, config.PublicURL = &onceEach{map[string]bool{}}, "https://sepsis.example"
	config.Clock, config.Limits = clock.Now, server.Limits{Rate: 1, Burst: 1, InFlight: 1}
	handler := serverOf(t, config)
	call := func(token, body string, status int) *httptest.ResponseRecorder {
		t.Helper()
		clock.now = clock.now.Add(time.Second)
		recorder := callCDS(handler, body, "Authorization", token)
		if recorder.Code != status {
			t.Errorf("%s: %d, want %d: %s", token, recorder.Code, status, recorder.Body)
		}
		return recorder
	}
	first := make(chan *httptest.ResponseRecorder)
	go func() { first <- callCDS(handler, cdsBody(), "Authorization", "first") }()
	<-predictor.entered
	problemOf(t, callCDS(handler, cdsBody(), "Authorization", "second"), http.StatusTooManyRequests)
	call("second", cdsBody(), http.StatusServiceUnavailable) // the only slot is taken
	close(predictor.answer)
	cardsOf(t, <-first)
	go func() {
		for range predictor.entered { // the others are not held up
		}
	}()
	defer close(predictor.entered)
	cardsOf(t, call("second", cdsBody(), http.StatusOK))
	call("second", cdsBody(), http.StatusUnauthorized)
	call("third", "{}", http.StatusUnprocessableEntity)
	call("third", cdsBody(), http.StatusUnauthorized)
}

// TestCDSClientsNeedAnAddress that is not the caller's choice.
func TestCDSClientsNeedAnAddress(t *testing.T) {
	config := config(&fakePredictor{}, io.Discard)
	config.CDSClients = &guard{}
	if _, err := server.New(config); err == nil || !strings.Contains(err.Error(), "public URL") {
		t.Errorf("%v", err)
	}
}

// FuzzCDS: no body is answered with anything but cards, or a problem that is the caller's.
func FuzzCDS(f *testing.F) {
	f.Add(cdsBody())
	f.Add(cdsBody("labs=null", "encounter="))
	handler := newServer(f, &fakePredictor{})
	f.Fuzz(func(t *testing.T, body string) {
		recorder := callCDS(handler, body)
		switch recorder.Code {
		case http.StatusOK:
			cardsOf(t, recorder)
		case http.StatusPreconditionFailed, http.StatusUnprocessableEntity:
			problemOf(t, recorder, recorder.Code)
		default:
			t.Errorf("%d: %s", recorder.Code, recorder.Body)
		}
	})
}

// explainer is a fakePredictor that lays its answer to what it is told to.
type explainer struct {
	fakePredictor
	contributions []sepsis.Contribution
}

func (e *explainer) Explain(stay *sepsis.Stay) (sepsis.Risk, sepsis.Explanation) {
	return e.Predict(stay), sepsis.NewExplanation(0, 0, slices.Clone(e.contributions))
}

// TestCardsWriteValuesAsPeopleDo: in the language of the card, without exponents and without what a code needs and people do not.
func TestCardsWriteValuesAsPeopleDo(t *testing.T) {
	predictor := &explainer{contributions: []sepsis.Contribution{
		{Name: "fio2", Value: new(0.45), Unit: new("1"), HoursAgo: new(0), Contribution: 4},
		{Name: "age", Value: new(67.0), Unit: new("a"), Contribution: 3},
		{Name: "ast", Value: new(12345.0), Unit: new("U/L"), HoursAgo: new(2), Contribution: -2},
		{Name: "troponin_i", Value: new(0.00001), Unit: new("ng/mL"), HoursAgo: new(1), Contribution: 1},
		{Name: "creatinine", Value: new(0.9049773755656108), Unit: new("mg/dL"), HoursAgo: new(1), Contribution: .5},
	}}
	for language, rows := range map[string][]string{
		"en": {"| 0.45 | 0 h |", "| 67 years | – |", "| 12345 U/L | 2 h |", "| 0.00001 ng/mL |", "| 0.905 mg/dL |"},
		"fr": {"| 0,45 | 0 h |", "| 67 ans | – |", "| 12345 U/L | 2 h |", "| 0,00001 ng/mL |", "| 0,905 mg/dL |"},
	} {
		card := cardsOf(t, callCDS(newServer(t, predictor), cdsBody(), "Accept-Language", language))[0]
		for _, row := range rows {
			if !strings.Contains(card.Detail, row) {
				t.Errorf("%s: no %q in\n%s", language, row, card.Detail)
			}
		}
	}
}

// TestCardsTellWhatWasLeftOut in their own language, whatever the reason.
func TestCardsTellWhatWasLeftOut(t *testing.T) {
	long := strings.Replace(observation("long", "8867-4", 100, 90, "/min"), `"effectiveDateTime":"2021-06-01T09:40:00Z"`,
		`"effectivePeriod":{"start":"2021-06-01T08:10:00Z","end":"2021-06-01T09:40:00Z"}`, 1)
	panel := strings.Replace(observation("panel", "85353-1", 100, 1, "/min"), `"valueQuantity":{"value":1,"system":"http://unitsofmeasure.org","code":"/min"}`, `"hasMember":[{"reference":"Observation/lost"}]`, 1)
	versions := []string{observation("v", "2823-3", 70, 4, "mmol/L"), observation("v", "2823-3", 70, 5, "mmol/L")}
	labs := "labs=" + bundleOf("searchset", append(versions, long, panel,
		observation("direct", "1968-7", 70, 5, "mg/dL"), observation("total", "1975-2", 70, 1, "mg/dL"),
		observation("ph", "11558-4", 70, 7.4, "[pH]"), observation("co2", "2019-8", 70, 40, "mm[Hg]"), observation("bicarbonate", "1963-8", 70, 60, "mmol/L"),
		observation("hct", "4544-3", 70, 40, "%"), observation("hb", "718-7", 70, 2, "g/dL"))...)
	for language, reasons := range map[string][]string{
		"en": {"3 × contradictory blood gas", "2 × direct above total bilirubin", "2 × hematocrit and hemoglobin that contradict", "1 × of more than an hour", "1 × members of a panel", " × sent in versions that differ"},
		"fr": {"3 × gaz du sang contradictoires", "2 × bilirubine conjuguée supérieure", "2 × hématocrite et hémoglobine contradictoires", "1 × sur plus d'une heure", "1 × élément d'un panel", " × envoyé en versions contradictoires"},
	} {
		card := cardsOf(t, callCDS(newServer(t, &fakePredictor{}), cdsBody(labs), "Accept-Language", language))[0]
		for _, reason := range reasons {
			if !strings.Contains(card.Detail, reason) {
				t.Errorf("%s: no %q in\n%s", language, reason, card.Detail)
			}
		}
	}
}
