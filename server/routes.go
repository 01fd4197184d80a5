package server

import (
	_ "embed"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/medtech-detect/sepsis"
)

//go:embed style.css
var styleSheet []byte

// Paths that other parts of the package point to.
const (
	predictPath = "/predict/patient"
	healthPath  = "/health"
	readyPath   = "/readyz"
	livePath    = "/livez"
	docsPath    = "/docs"
	stylePath   = "/docs/style.css"
	manyPath    = "/predict/patients"
)

// bodyProblems are what may be wrong with a request that has a body, and what a service that is busy, or not fit, answers to it.
var bodyProblems = []int{
	http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusServiceUnavailable,
}

// addRoutes registers every route, with who may call it.
func (s *server) addRoutes() {
	s.add(s.needs(sepsis.PredictRole, s.operation("predictPatient", http.MethodPost, predictPath, "Foresee sepsis in one patient", content{
		jsonType: s.schema(answerType),
		textType: {Type: huma.TypeString, Enum: labels, Description: "the prediction, in one word"},
	}, bodyProblems...)),
		[]string{jsonType, textType}, s.predictPatient)

	s.addBatch(s.needs(sepsis.PredictRole, s.operation("predictPatients", http.MethodPost, manyPath, "Foresee sepsis in many patients", content{
		jsonType: {Type: huma.TypeArray, Items: s.outcomeSchema()}, ndjsonType: s.outcomeSchema(),
	}, bodyProblems...)),
		s.predictPatients)

	s.addFHIR()
	s.addCDS()

	s.add(s.needs(sepsis.AuditRole, s.operation("listPredictions", http.MethodGet, predictionsPath, "Predictions that were given, the newest first", content{
		jsonType: s.schema(predictionListType),
	}, http.StatusUnprocessableEntity, http.StatusServiceUnavailable)), []string{jsonType}, among(s.storing, s.listPredictions))

	s.add(s.needs(sepsis.AuditRole, s.operation("getPrediction", http.MethodGet, predictionPath, "A prediction that was given, and what became of it", content{
		jsonType: s.schema(predictionType),
	}, http.StatusNotFound, http.StatusServiceUnavailable)), []string{jsonType}, among(s.storing, s.showPrediction))

	s.add(s.needs(sepsis.PredictRole, s.operation("tellOutcome", http.MethodPost, outcomePath, "Tell what turned out to be true of a prediction", content{
		jsonType: s.schema(outcomeType),
	}, slices.Concat(bodyProblems, []int{http.StatusNotFound, http.StatusConflict})...)), []string{jsonType}, among(s.storing, s.tellOutcome))

	s.addHealth()
	s.addCaller()
	s.addOperating()

	s.add(public(s.operation("getVariables", http.MethodGet, "/variables", "What can be sent: names, units, ranges, LOINC codes", content{
		jsonType: s.schema(vocabularyType),
	})), []string{jsonType}, func(*call) (*reply, error) { return success(jsonType, s.variables), nil })

	card := s.operation("getModel", http.MethodGet, "/model", "The model card: training data, intended use, limits, figures", content{
		jsonType: {Type: huma.TypeObject, AdditionalProperties: true},
	})
	card.Description = cardDescription
	s.add(public(card), []string{jsonType}, s.showCard)
	s.add(public(s.operation("getModelEvidence", http.MethodGet, evidencePath, "What the evaluation of the model found: curves and groups", content{
		jsonType: s.schema(evidenceType),
	}, http.StatusNotFound)), []string{jsonType}, s.showEvidence)

	s.add(public(s.operation("getOpenAPI", http.MethodGet, "/openapi.json", "This description, as OpenAPI 3.1", content{
		jsonType: {Type: huma.TypeObject, AdditionalProperties: true},
	})), []string{jsonType}, func(*call) (*reply, error) { return success(jsonType, s.openAPI), nil })

	s.add(public(s.operation("getDocs", http.MethodGet, docsPath, "This description, as a page", content{
		htmlType: {Type: huma.TypeString},
	})), []string{htmlType}, func(*call) (*reply, error) { return success(htmlType+"; charset=utf-8", s.docs), nil })

	s.add(public(huma.Operation{Method: http.MethodGet, Path: stylePath, Hidden: true}), []string{cssType},
		func(*call) (*reply, error) { return success(cssType+"; charset=utf-8", styleSheet), nil })
	s.addPage(s.webPage)
}

// addHealth registers what load balancers and supervisors ask. The names of the two beside /health are those of Kubernetes.
func (s *server) addHealth() {
	for _, route := range []struct {
		id, path, summary string
		handle            func(*call) (*reply, error)
	}{
		{"getHealth", healthPath, "Whether the service can predict, and record what it predicts", s.showHealth},
		{"getReadiness", readyPath, "Whether the service gives predictions: a load balancer sends requests as long as it answers 200", s.showReadiness},
	} {
		s.add(public(s.operation(route.id, http.MethodGet, route.path, route.summary, content{
			textType: {Type: huma.TypeString, Enum: []any{"OK"}}, jsonType: s.schema(healthType),
		}, http.StatusServiceUnavailable)), []string{textType, jsonType}, route.handle)
	}
	s.add(public(s.operation("getLiveness", http.MethodGet, livePath, "Whether the process answers: a supervisor starts it anew when it does not", content{
		textType: {Type: huma.TypeString, Enum: []any{"OK"}},
	})), []string{textType}, alive)
}

// addOperating registers what those need who run the service.
func (s *server) addOperating() {
	s.add(s.needs(sepsis.MetricsRole, s.operation("getMetrics", http.MethodGet, "/metrics", "What the service does, in Prometheus' text format", content{
		metricsType: {Type: huma.TypeString},
	})), []string{textType}, among(s.gathering, s.showMetrics))
	if s.Monitor != nil {
		s.add(s.needs(sepsis.AuditRole, s.operation("getMonitoring", http.MethodGet, "/monitoring", "Drift since the training, and what became of the predictions", content{
			jsonType: s.schema(monitoringType),
		})), []string{jsonType}, among(s.gathering, s.showMonitoring))
	}
	model := content{jsonType: s.schema(modelStateType)}
	s.add(s.needs(sepsis.AdminRole, s.operation("getAdminModel", http.MethodGet, "/admin/model", "Which models are in the service", model)), []string{jsonType}, s.showModel)
	s.add(s.needs(sepsis.AdminRole, s.operation("reloadModel", http.MethodPost, "/admin/model/reload", "Read the model file again, and let it answer if it is sound",
		model, http.StatusConflict)), []string{jsonType}, s.swapped(s.Models.Reload))
	s.add(s.needs(sepsis.AdminRole, s.operation("rollBackModel", http.MethodPost, "/admin/model/rollback", "Let the model answer that answered before",
		model, http.StatusConflict)), []string{jsonType}, s.swapped(s.Models.Rollback))
}
