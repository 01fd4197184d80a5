package server

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/medtech-detect/sepsis"
)

// Paths of CDS Hooks.
const (
	cdsPath      = "/cds-services"
	cdsCallPath  = cdsPath + "/{service}"
	feedbackPath = cdsCallPath + "/feedback"
)

// cdsService describes one service (CDS Hooks 2.0, "Discovery").
type cdsService struct {
	Hook              string            `json:"hook" doc:"the event at which the service is to be called"`
	Title             string            `json:"title"`
	Description       string            `json:"description"`
	ID                string            `json:"id" doc:"the last part of the service's path"`
	Prefetch          map[string]string `json:"prefetch" doc:"what the client sends with a call, as FHIR queries"`
	UsageRequirements string            `json:"usageRequirements,omitempty"`
}

type cdsServices struct {
	Services []cdsService `json:"services"`
}

// Keys of the prefetch. Without those of required, there is nothing to judge by.
const (
	patientKey   = "patient"
	encounterKey = "encounter"
	vitalsKey    = "vitals"
	labsKey      = "labs"
)

var requiredKeys = []string{patientKey, vitalsKey, labsKey}

// mostObservations is how many of each kind are asked for, the newest first: monitors give some 8 vital signs an hour, so
// that it is more than the ten days of most stays.
const mostObservations = "2000"

// services are the services: one for each hook, and otherwise the same; what people read of them is in phrases. _include is beyond what CDS Hooks recommends for queries
// ("Prefetch query restrictions"); without the Locations nothing tells a stay in intensive care from the hospital stay around it.
var services = []cdsService{
	service("sepsis-risk", "patient-view", "Encounter?patient={{context.patientId}}&status=in-progress&_include=Encounter:location"),
	service("sepsis-risk-encounter", "encounter-start", "Encounter/{{context.encounterId}}"),
}

func service(id, hook, encounter string) cdsService {
	observations := "Observation?patient={{context.patientId}}&_sort=-date&_count=" + mostObservations + "&category="
	return cdsService{
		Hook: hook, ID: id,
		Prefetch: map[string]string{
			patientKey: "Patient/{{context.patientId}}", encounterKey: encounter,
			vitalsKey: observations + "vital-signs", labsKey: observations + "laboratory",
		},
	}
}

// noService is what is answered to a call of a service that does not exist; nil when it does.
func noService(c *call) *problemDetails {
	called := c.request.PathValue("service")
	if slices.ContainsFunc(services, func(s cdsService) bool { return s.ID == called }) {
		return nil
	}
	return newProblem(http.StatusNotFound, "There is no such service; "+cdsPath+" lists them.")
}

// addCDS registers the routes of CDS Hooks.
func (s *server) addCDS() {
	s.add(public(s.operation("getServices", http.MethodGet, cdsPath, "Decision support services (CDS Hooks 2.0)", content{
		jsonType: s.schema(servicesType),
	})), []string{jsonType}, s.listServices)
	s.add(s.needsClient(s.serviceOperation("callService", cdsCallPath, "Call a decision support service: cards for a patient", content{jsonType: s.schema(cardsType)})),
		[]string{jsonType}, s.callService)
	s.add(s.needsClient(s.serviceOperation("giveFeedback", feedbackPath, "Tell what became of cards", content{
		jsonType: {Type: huma.TypeObject, AdditionalProperties: false},
	}, http.StatusConflict)), []string{jsonType}, among(s.storing, s.takeFeedback))
}

func (s *server) serviceOperation(id, path, summary string, answers content, also ...int) huma.Operation {
	operation := s.operation(id, http.MethodPost, path, summary, answers, slices.Concat(bodyProblems, []int{http.StatusNotFound, http.StatusPreconditionFailed}, also)...)
	operation.Parameters = []*huma.Param{{Name: "service", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Enum: serviceIDs()}}}
	return operation
}

func serviceIDs() []any {
	var ids []any
	for _, known := range services {
		ids = append(ids, known.ID)
	}
	return ids
}

// describeCDS says what the operations read.
func describeCDS(document *huma.OpenAPI) {
	for path, schema := range map[string]*huma.Schema{cdsCallPath: callSchema(), feedbackPath: feedbackSchema()} {
		document.Paths[path].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{jsonType: {Schema: schema}}}
	}
}

// callSchema is what is required of a call; how much prefetch is enough, only the service can say.
func callSchema() *huma.Schema {
	var hooks []any
	for _, known := range services {
		hooks = append(hooks, known.Hook)
	}
	return openObject("a CDS Hooks request", map[string]*huma.Schema{
		"hook":         {Type: huma.TypeString, Enum: hooks},
		"hookInstance": someText(),
		"context":      openObject("", map[string]*huma.Schema{"patientId": someText()}, "patientId"),
		"prefetch":     openObject("resources by the keys of the service's prefetch", nil),
	}, "hook", "hookInstance", "context")
}

func feedbackSchema() *huma.Schema {
	least, most := 1, maxFeedback
	told := openObject("", map[string]*huma.Schema{
		"card":             someText(),
		"outcome":          {Type: huma.TypeString, Enum: []any{outcomeAccepted, outcomeOverridden}},
		"outcomeTimestamp": {Type: huma.TypeString, Format: "date-time"},
		"overrideReason": openObject("", map[string]*huma.Schema{
			"reason":      openObject("", map[string]*huma.Schema{"code": shortText(maxReason)}),
			"userComment": shortText(maxComment),
		}),
	}, "card", "outcome", "outcomeTimestamp")
	return openObject("what became of cards", map[string]*huma.Schema{
		"feedback": {Type: huma.TypeArray, Items: told, MinItems: &least, MaxItems: &most},
	}, "feedback")
}

// openObject is an object that may have more than what is named.
func openObject(meaning string, properties map[string]*huma.Schema, required ...string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Description: meaning, Properties: properties, Required: required, AdditionalProperties: true}
}

func shortText(most int) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, MaxLength: &most}
}

func someText() *huma.Schema {
	least := 1
	return &huma.Schema{Type: huma.TypeString, MinLength: &least}
}

// listServices names the services in the language that the client prefers.
func (s *server) listServices(c *call) (*reply, error) {
	words := languageOf(c.request.Header)
	named := slices.Clone(services)
	for i := range named {
		named[i].Title, named[i].Description, named[i].UsageRequirements = words.serviceTitle, words.serviceText, words.serviceNeeds
	}
	return s.json(cdsServices{named})
}

// CDSClients tells which CDS client sent a request, by the JSON web token that CDS Hooks asks for ("Trusting CDS
// Clients"). The audience is the URL that was called. An error is told to the client; a *sepsis.Refusal says that it is not its fault. Without
// one, the token is used up unless giveBack is called, so that the same request may come again.
type CDSClients interface {
	Authenticate(r *http.Request, audience string) (client sepsis.Principal, giveBack func(), err error)
}

// clientGate tells the callers of CDS Hooks by their tokens. The audience of a token is the address that was called.
type clientGate struct{ *server }

// Authenticate refuses with what is wrong with the token.
func (g clientGate) Authenticate(r *http.Request) (sepsis.Principal, error) {
	client, giveBack, err := g.CDSClients.Authenticate(r, g.publicURL(r)+r.URL.Path)
	if _, is := errors.AsType[*sepsis.Refusal](err); err != nil && !is {
		err = &sepsis.Refusal{Cause: sepsis.NotKnown, Detail: err.Error()}
	}
	if err == nil {
		exchangeOf(r).giveBack = giveBack
	}
	return client, err
}

// publicURL is how clients reach the service, without a slash at the end: as it was configured, or as they wrote it.
func (s *server) publicURL(r *http.Request) string {
	if s.PublicURL != "" {
		return strings.TrimRight(s.PublicURL, "/")
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host
}
