package trail_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"vetalyze/internal/trail"
)

func TestLinesCarryTheUpdate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		ctx  context.Context
		want string
	}{
		{"outside any update", t.Context(), "msg=hello part=bot\n"},
		{"in a chat", trail.With(t.Context(), &trail.Update{ID: 7, Chat: 9}), "msg=hello part=bot update=7 chat=9\n"},
		{"without a chat", trail.With(t.Context(), &trail.Update{ID: 7}), "msg=hello part=bot update=7\n"},
		{"the innermost", trail.With(trail.With(t.Context(), &trail.Update{ID: 1}), &trail.Update{ID: 2}), "msg=hello part=bot update=2\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			logger := slog.New(trail.Handler(slog.NewTextHandler(&log, nil))).With("part", "bot")
			logger.InfoContext(test.ctx, "hello")
			if got := log.String(); !strings.HasSuffix(got, test.want) {
				t.Errorf("got %q, want it to end with %q", got, test.want)
			}
		})
	}
}

func TestRoute(t *testing.T) {
	t.Parallel()
	trail.Route(t.Context(), "nobody's") // outside an update nothing is noted
	u := &trail.Update{ID: 7}
	ctx := trail.With(t.Context(), u)
	if got := trail.Of(ctx).Route(); got != "none" {
		t.Errorf("before it is found out the route is %q", got)
	}
	trail.Route(ctx, "owners")
	if got := u.Route(); got != "owners" {
		t.Errorf("the route is %q, want owners", got)
	}
}
