package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/medtech-detect/sepsis"
)

// modelState is the body of the routes under /admin/model.
type modelState struct {
	Answering sepsis.ModelInfo  `json:"answering" doc:"The model that requests get which begin now."`
	Previous  *sepsis.ModelInfo `json:"previous,omitempty" doc:"The model that a rollback leads to; absent if there is none."`
	Shadow    *sepsis.ModelInfo `json:"shadow,omitempty" doc:"The model that is scored beside, and never answers; absent if there is none."`
}

// showModel answers GET /admin/model.
func (s *server) showModel(*call) (*reply, error) {
	state := modelState{Answering: s.Models.current().Info(), Previous: s.Models.earlier()}
	if s.shadow != nil {
		info := s.shadow.predictor.Info()
		state.Shadow = &info
	}
	return s.json(state)
}

// swapped answers a route that swaps the model. Why a file was refused is told by the log alone, because it may name the file.
func (s *server) swapped(swap func() (sepsis.ModelInfo, error)) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		info, err := swap()
		LogSwap(c.request.Context(), s.Logger, info, err)
		switch {
		case errors.Is(err, ErrNoModelFile), errors.Is(err, ErrNoPreviousModel), errors.Is(err, ErrModelIsRead):
			return nil, newProblem(http.StatusConflict, err.Error())
		case err != nil:
			return nil, newProblem(http.StatusConflict, swapRefused+". The log says why.")
		}
		return s.showModel(c)
	}
}

const swapRefused = "the model was not swapped, the one that answered goes on"

// LogSwap tells the log the end of a swap: the model that answers from now on, or why it is the old one.
func LogSwap(ctx context.Context, logger *slog.Logger, info sepsis.ModelInfo, err error) {
	if err != nil {
		logger.ErrorContext(ctx, swapRefused, "error", err)
		return
	}
	logger.InfoContext(ctx, "model", "model", info.Name, "model_version", info.Version, "model_sha256", info.SHA256)
}
