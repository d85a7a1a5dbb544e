// Package trail says which update a context belongs to, for those who look inside: every log line on an
// update's way carries its id, and metrics know what it was for. No rule may depend on it; what was typed or
// shown has no place in it.
package trail

import (
	"context"
	"log/slog"
	"time"
)

// An Update is one that is being handled.
type Update struct {
	ID   int64     // its update_id
	Chat int64     // the private chat it belongs to, which has its person's id; 0 without one
	At   time.Time // when it arrived

	route string // only the goroutine that handles the update knows it
}

type key struct{} // context key of *Update

// With returns a context of what is done for an update.
func With(ctx context.Context, u *Update) context.Context { return context.WithValue(ctx, key{}, u) }

// Of returns the update that a context belongs to; nil for none.
func Of(ctx context.Context) *Update {
	u, _ := ctx.Value(key{}).(*Update)
	return u
}

// Route notes what the context's update is for. The name is a metric's label, so it must be one of those the program
// knows, never something that was typed. It is called by the goroutine that handles the update.
func Route(ctx context.Context, name string) {
	if u := Of(ctx); u != nil {
		u.route = name
	}
}

// Route returns what the update is for, as far as it was found out; "none" before that.
func (u *Update) Route() string {
	if u.route == "" {
		return "none"
	}
	return u.route
}

// Handler returns a handler that adds "update" and "chat" to each line logged under an update's context.
func Handler(next slog.Handler) slog.Handler { return handler{next} }

type handler struct{ slog.Handler }

func (h handler) Handle(ctx context.Context, line slog.Record) error {
	if u := Of(ctx); u != nil {
		line = line.Clone() // its attributes may be shared with the caller's
		line.AddAttrs(slog.Int64("update", u.ID))
		if u.Chat != 0 {
			line.AddAttrs(slog.Int64("chat", u.Chat))
		}
	}
	return h.Handler.Handle(ctx, line)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }
