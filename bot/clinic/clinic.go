// Package clinic is the clinic's own matters in chat: coming in by an invitation,
// the clinic owner's list of staff, and the subscription. Who may join and how many
// is decided in internal/staff, how the clinic stands in internal/subscription.
package clinic

import (
	"context"
	"errors"
	"log/slog"

	"vetalyze/bot/chat"
	"vetalyze/bot/form"
	"vetalyze/internal/clock"
	"vetalyze/internal/reference"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// The room's routes.
const (
	routeStaff        = "staff"
	routeSubscription = "subscription"
	routeHistory      = "bills" // what was paid for which term
	routeRenew        = "renew"
)

// Config is what the room is made of.
type Config struct {
	Forms         *form.Engine
	Staff         *staff.Staff
	Subscriptions *subscription.Subscriptions
	Reference     *reference.Reference
	Link          func(token string) string                     // the deep link of a token
	Home          func(ctx context.Context, t *chat.Turn) error // shows where the person is
	Clock         *clock.Clock
	Logger        *slog.Logger
}

// A Clinic answers clinic owners about their staff, everybody about the
// subscription, and whoever comes to join.
type Clinic struct {
	forms         *form.Engine
	staff         *staff.Staff
	subscriptions *subscription.Subscriptions
	reference     *reference.Reference
	link          func(token string) string
	home          func(ctx context.Context, t *chat.Turn) error
	clock         *clock.Clock
	log           *slog.Logger
}

// New returns the room and makes its forms known to the engine.
func New(config Config) *Clinic {
	c := &Clinic{
		forms: config.Forms, staff: config.Staff, subscriptions: config.Subscriptions, reference: config.Reference,
		link: config.Link, home: config.Home, clock: config.Clock, log: config.Logger,
	}
	c.forms.Add(c.joining())
	c.forms.Add(c.inviting())
	return c
}

// Routes lists what can be asked of the room.
func (c *Clinic) Routes() []chat.Route {
	return []chat.Route{
		{Name: routeStaff, Right: staff.RightManageStaff, Listed: true, Open: c.open},
		{Name: routeSubscription, Right: staff.RightSeeSubscription, Listed: true, Open: c.openSubscription},
		{Name: routeHistory, Right: staff.RightSeeAmounts, Open: c.openHistory},
		{Name: routeRenew, Right: staff.RightSeeAmounts, Open: c.openRenewal},
	}
}

// reasons names the text that tells why staff would not do something.
var reasons = []struct {
	err error
	key string
}{
	{staff.ErrTokenUnknown, "clinic.join.unknown"},
	{staff.ErrTokenExpired, "clinic.join.expired"},
	{staff.ErrTokenUsed, "clinic.join.used"},
	{staff.ErrTokenRevoked, "clinic.join.revoked"},
	{staff.ErrClinicClosed, "clinic.join.closed"},
	{staff.ErrTooManyTokens, "clinic.join.too_many"},
	{staff.ErrWrongPhone, "clinic.join.wrong_phone"},
	{staff.ErrNotOwnContact, "clinic.join.not_own"},
	{staff.ErrAlreadyMember, "clinic.join.already"},
	{staff.ErrStaffLimit, "clinic.staff.limit"},
	{staff.ErrStopped, "clinic.staff.is_stopped"},
	{staff.ErrPhoneTaken, "clinic.staff.phone_taken"},
	{staff.ErrNotFound, "clinic.staff.not_found"},
}

// reason finds the text for an error; empty when the error is nobody's doing.
func reason(err error) string {
	for _, known := range reasons {
		if errors.Is(err, known.err) {
			return known.key
		}
	}
	return ""
}

// refusal turns what staff will not do into words; other errors stay.
func refusal(err error) error {
	if key := reason(err); key != "" {
		return form.Refuse(key, nil)
	}
	return err
}
