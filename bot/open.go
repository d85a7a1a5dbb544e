package bot

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/internal/staff"
	"vetalyze/internal/trail"
)

const routeOpen = "open"

// openData is the data of a button on a notification: "open:12:subscription", "open::clinics:card:1f".
func openData(clinicID int64, route ...string) string {
	clinic := ""
	if clinicID != 0 {
		clinic = strconv.FormatInt(clinicID, 10)
	}
	return chat.Data(routeOpen, append([]string{clinic}, route...)...)
}

// openRoute opens what a notification is about in a message of its own, so that the notification stays as it came. Who owns
// several clinics comes to the one it is about.
func (b *Bot) openRoute(ctx context.Context, t *chat.Turn, argument string) error {
	clinic, data, _ := strings.Cut(argument, ":")
	name, rest := chat.SplitData(data)
	route, ok := b.routes[name]
	if !ok || name == routeOpen || t.Input.Tap == nil {
		return t.Decline(ctx, "form.expired")
	}
	trail.Route(ctx, route.Name)
	if id, err := strconv.ParseInt(clinic, 10, 64); err == nil && (t.Speaker.Member == nil || t.Speaker.Member.ClinicID != id) {
		speaker, err := b.staff.ChooseClinic(ctx, t.Speaker, id)
		if errors.Is(err, staff.ErrNotFound) {
			return t.Decline(ctx, "clinic.not_yours")
		}
		if err != nil {
			return err
		}
		t.Speaker, t.Banner = speaker, ""
		t.Banner = banner(t)
	}
	if admitted, err := b.admit(ctx, t, route.Right, "button "+route.Name); !admitted {
		return err
	}
	t.Input.Tap.MessageID = 0 // nothing is changed in place
	return route.Open(ctx, t, rest)
}
