package server

import (
	_ "embed"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed style.css
var styleSheet []byte

// Paths that other parts of the package point to.
const (
	predictPath = "/predict/patient"
	docsPath    = "/docs"
	stylePath   = "/docs/style.css"
)

// addRoutes registers every route. The order is that of the documentation page.
func (s *server) addRoutes() {
	s.add(s.operation("predictPatient", http.MethodPost, predictPath, "Foresee sepsis in one patient", content{
		jsonType: s.schema(answerType),
		textType: {Type: huma.TypeString, Enum: labels, Description: "the prediction, in one word"},
	}, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusServiceUnavailable),
		[]string{jsonType, textType}, s.predictPatient)

	s.addFHIR()
	s.addCDS()

	s.add(s.operation("getHealth", http.MethodGet, "/health", "Whether the service can predict", content{
		textType: {Type: huma.TypeString, Enum: []any{"OK"}}, jsonType: s.schema(healthType),
	}, http.StatusServiceUnavailable), []string{textType, jsonType}, s.checkHealth)

	s.add(s.operation("getVariables", http.MethodGet, "/variables", "What can be sent: names, units, ranges, LOINC codes", content{
		jsonType: s.schema(vocabularyType),
	}), []string{jsonType}, func(*call) (*reply, error) { return unchanging(jsonType, s.variables), nil })

	s.add(s.operation("getModel", http.MethodGet, "/model", "The model card: training data, intended use, limits, figures", content{
		jsonType: {Type: huma.TypeObject, AdditionalProperties: true},
	}), []string{jsonType}, func(*call) (*reply, error) { return unchanging(jsonType, s.Predictor.Card()), nil })

	s.add(s.operation("getOpenAPI", http.MethodGet, "/openapi.json", "This description, as OpenAPI 3.1", content{
		jsonType: {Type: huma.TypeObject, AdditionalProperties: true},
	}), []string{jsonType}, func(*call) (*reply, error) { return unchanging(jsonType, s.openAPI), nil })

	s.add(s.operation("getDocs", http.MethodGet, docsPath, "This description, as a page", content{
		htmlType: {Type: huma.TypeString},
	}), []string{htmlType}, func(*call) (*reply, error) { return unchanging(htmlType+"; charset=utf-8", s.docs), nil })

	s.add(huma.Operation{Method: http.MethodGet, Path: stylePath, Hidden: true}, []string{cssType},
		func(*call) (*reply, error) { return unchanging(cssType+"; charset=utf-8", styleSheet), nil })
	s.add(huma.Operation{Method: http.MethodGet, Path: "/{$}", Hidden: true}, nil, seeDocs)
}

// seeDocs sends visitors of the root to the documentation.
func seeDocs(*call) (*reply, error) {
	return &reply{Status: http.StatusSeeOther, Location: docsPath}, nil
}

func unchanging(mediaType string, body []byte) *reply {
	return &reply{Status: http.StatusOK, ContentType: mediaType, Body: body}
}
