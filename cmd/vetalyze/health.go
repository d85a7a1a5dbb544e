package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// health asks the bot that runs on this machine how it is: for images without a shell, whose
// health check can only be the program itself.
type health struct {
	listener `embed:""`

	Ready bool `help:"Ask whether updates can be handled, not only whether the bot lives."`
}

// healthTimeout is more than the bot takes to ask those it depends on.
const healthTimeout = 5 * time.Second

// Run returns an error, and so an exit code other than 0, unless the answer is that all is well.
func (h *health) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	path := "/healthz"
	if h.Ready {
		path = "/readyz"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://bot"+path, nil)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	client := h.client()
	defer client.CloseIdleConnections()
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("health: %s: %s", answer.Status, strings.TrimSpace(string(said)))
	}
	fmt.Println(strings.TrimSpace(string(said)))
	return nil
}
