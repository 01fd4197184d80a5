package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/medtech-detect/sepsis"
)

// feedbackRequest is what a client tells (CDS Hooks 2.0, "Feedback").
type feedbackRequest struct {
	Feedback []cardFeedback `json:"feedback"`
}

type cardFeedback struct {
	Card                string `json:"card"`
	Outcome             string `json:"outcome"`
	AcceptedSuggestions []struct {
		ID string `json:"id"`
	} `json:"acceptedSuggestions"`
	OverrideReason struct {
		Reason struct {
			Code string `json:"code"`
		} `json:"reason"`
		UserComment string `json:"userComment"`
	} `json:"overrideReason"`
	OutcomeTimestamp string `json:"outcomeTimestamp"`
}

// Bounds of feedback.
const (
	maxFeedback = 1000 // cards in one request
	maxReason   = 128  // characters of the code of a reason
	maxComment  = 4000 // characters of a comment
)

// What clinicians do with a card (CDS Hooks 2.0, "Feedback").
const (
	outcomeAccepted   = "accepted"
	outcomeOverridden = "overridden"
)

const feedbackExample = `{"feedback": [{"card": "…", "outcome": "accepted", "outcomeTimestamp": "…"}]}`

// takeFeedback answers POST /cds-services/{service}/feedback.
func (s *server) takeFeedback(c *call) (*reply, error) {
	if refused := noService(c); refused != nil {
		return nil, refused
	}
	if s.Audit == nil {
		return nil, noAudit()
	}
	var request feedbackRequest
	if _, refused := c.decodeJSON(&request, feedbackExample); refused != nil {
		return nil, refused
	}
	told, problems := request.read(exchangeOf(c.request).start, callerOf(c.request))
	if len(problems) > 0 {
		return nil, incoherent(problems, 0)
	}
	return s.keep(c.request.Context(), told)
}

// keep writes feedback down. Cards that are not known do not keep the others from being written.
func (s *server) keep(ctx context.Context, told []sepsis.Feedback) (*reply, error) {
	unknown, full := 0, 0
	for _, feedback := range told {
		err := s.addFeedback(ctx, feedback)
		if errors.Is(err, sepsis.ErrNotFound) {
			unknown++
			continue
		}
		if errors.Is(err, sepsis.ErrFull) {
			full++
			continue
		}
		if err != nil {
			return nil, auditFault(err)
		}
	}
	if full > 0 {
		return nil, newProblem(http.StatusConflict, fmt.Sprintf("%d of %d cards have had feedback %d times already; feedback on the others is kept. "+
			"Correct what sends it again and again.", full, len(told), sepsis.MaxTold))
	}
	if unknown > 0 {
		return nil, newProblem(http.StatusNotFound, fmt.Sprintf("%d of %d cards are not known; feedback on the others is kept.", unknown, len(told)))
	}
	return success(jsonType, []byte("{}")), nil
}

func (s *server) addFeedback(ctx context.Context, feedback sepsis.Feedback) error {
	ctx, cancel := context.WithTimeout(ctx, auditTime)
	defer cancel()
	return s.AuditLog.AddFeedback(ctx, feedback)
}

// read checks feedback. All of it is refused when something is wrong.
func (r *feedbackRequest) read(now time.Time, caller string) ([]sepsis.Feedback, []sepsis.Problem) {
	if len(r.Feedback) == 0 || len(r.Feedback) > maxFeedback {
		return nil, []sepsis.Problem{{Location: "body.feedback", Code: sepsis.MissingField, Message: fmt.Sprintf("feedback on 1 to %d cards is expected", maxFeedback)}}
	}
	var told []sepsis.Feedback
	var problems []sepsis.Problem
	for i := range r.Feedback {
		place := fmt.Sprintf("body.feedback[%d]", i)
		feedback, wrong := r.Feedback[i].read(place)
		feedback.Time, feedback.Caller = wholeMilliseconds(now), caller
		told, problems = append(told, feedback), append(problems, wrong...)
	}
	return told, problems
}

func (f *cardFeedback) read(place string) (sepsis.Feedback, []sepsis.Problem) {
	var problems []sepsis.Problem
	wrong := func(name string, code sepsis.Code, message string) {
		problems = append(problems, sepsis.Problem{Location: place + "." + name, Code: code, Message: message})
	}
	id, known := idOfCard(f.Card)
	if !known {
		wrong("card", sepsis.WrongType, "the uuid of a card is expected")
	}
	if f.Outcome != outcomeAccepted && f.Outcome != outcomeOverridden {
		wrong("outcome", sepsis.WrongType, "accepted or overridden is expected")
	}
	if _, err := time.Parse(time.RFC3339Nano, f.OutcomeTimestamp); err != nil {
		wrong("outcomeTimestamp", sepsis.WrongType, "an ISO 8601 time with its zone is expected")
	}
	code := f.OverrideReason.Reason.Code
	if utf8.RuneCountInString(code) > maxReason { // clients may have reasons of their own
		wrong("overrideReason.reason.code", sepsis.OutOfRange, fmt.Sprintf("a code may have %d characters", maxReason))
	}
	if utf8.RuneCountInString(f.OverrideReason.UserComment) > maxComment {
		wrong("overrideReason.userComment", sepsis.OutOfRange, fmt.Sprintf("a comment may have %d characters", maxComment))
	}
	return sepsis.Feedback{Prediction: id, Accepted: f.Outcome == outcomeAccepted, Reason: code, Comment: f.OverrideReason.UserComment}, problems
}
