package server

import "net/http"

const evidencePath = "/model/evidence"

// cardDescription tells of the one figure of the card that is of the stays that it was chosen on, and so has no interval.
const cardDescription = "`alert_point.ppv` says how the threshold of the alert was chosen, and not what an alert is worth: of the stays alerted, the share with an alert by onset of sepsis, on the " +
	"very stays of the training's cross-validation on which the threshold was chosen, at the hospital where it is least, as it would be if the share `prevalence` of stays (0.07) became septic. " +
	"It lies near `target_ppv` because the lowest threshold that reaches that was taken. What an alert is worth on stays that it was not chosen on, with intervals and at the prevalence " +
	"of these stays, is `stay_ppv` in `" + evidencePath + "`."

// noEvidence tells those who run another model than the one that was evaluated.
const noEvidence = "Of this model no evaluation is known here: only that of the model that ships with the program is, " +
	"not that of one fitted to a site, imported or trained since. `sepsis evaluate` measures a recipe on your own data."

// showCard answers GET /model. Its Link leads to the evidence where there is some, so that nobody asks in vain.
func (s *server) showCard(c *call) (*reply, error) {
	model := exchangeOf(c.request).model
	if s.evaluated(model) {
		c.writer.Header().Set("Link", "<"+evidencePath+`>; rel="describedby"; type="`+jsonType+`"`)
	}
	return success(jsonType, model.Card()), nil
}

// showEvidence answers GET /model/evidence.
func (s *server) showEvidence(c *call) (*reply, error) {
	if !s.evaluated(exchangeOf(c.request).model) {
		return nil, newProblem(http.StatusNotFound, noEvidence)
	}
	return s.json(s.Evidence)
}

// evaluated tells whether the evidence is of a model: of its very file.
func (s *server) evaluated(model *answering) bool {
	return s.Evidence != nil && s.Evidence.Model == model.Info()
}
