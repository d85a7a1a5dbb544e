package bot

import (
	"context"

	"vetalyze/bot/chat"
	"vetalyze/internal/staff"
)

// admit says whether the speaker has a right, and tells them when they have not:
// the one place through which every command, button and dialog step goes. Refused
// is what they asked for, for the log.
func (b *Bot) admit(ctx context.Context, t *chat.Turn, right staff.Right, refused string) (bool, error) {
	denial := t.Speaker.Denial(right)
	switch denial {
	case staff.NotDenied:
		if t.Speaker.Member == nil || !t.Speaker.Member.May(right) {
			t.Banner = "" // it is the admin who asks
		}
		return true, nil
	case staff.DeniedByStanding:
		b.log.InfoContext(ctx, "refused by the clinic's standing",
			"clinic", t.Speaker.Member.ClinicID, "standing", t.Speaker.Member.Standing.Status, "asked", refused)
		return false, b.tellStanding(ctx, t, "")
	}
	b.log.WarnContext(ctx, "refused by role", "asked", refused)
	if denial == staff.DeniedToStranger && t.Input.Tap == nil {
		_, err := t.Send(ctx, chat.Screen{Text: t.Text("home.stranger")})
		return false, err
	}
	return false, t.Decline(ctx, "home.refused")
}

// offers says whether a button that asks for a route would be answered: one that
// would be refused is not shown. The buttons of forms are the engine's own.
func (b *Bot) offers(t *chat.Turn, name string) bool {
	route, ok := b.routes[name]
	return !ok || t.Speaker.May(route.Right)
}

// tellStanding says why the clinic's standing leaves something closed, and who is
// to be asked: over the screen after a tap, else as a message with the way out. A
// draft is named when there is one, so that nobody thinks it is lost (a form.Shut).
func (b *Bot) tellStanding(ctx context.Context, t *chat.Turn, draft chat.HTML) error {
	key := standingKey(t.Speaker.Member)
	if t.Input.Tap != nil {
		words := t.Plain(key)
		if draft != "" {
			words += " " + t.Plain("access.kept")
		}
		return t.Alert(ctx, words)
	}
	_, err := t.Send(ctx, chat.Screen{Text: chat.Paragraphs(t.Text(key), draftText(t, draft)), Rows: b.wayOut(t)})
	return err
}

func draftText(t *chat.Turn, title chat.HTML) chat.HTML {
	if title == "" {
		return ""
	}
	return t.Text("access.kept_draft", chat.Args{"Title": title})
}

// standingText is what to tell about a clinic that is not simply active: the
// banner of its days of grace, or what is closed. It is empty for the others.
func standingText(t *chat.Turn) chat.HTML {
	member := t.Speaker.Member
	if member == nil || member.Access == staff.AccessFull {
		return ""
	}
	if member.Access == staff.AccessGrace {
		last := member.Standing.Until.AddDate(0, 0, -1)
		return t.Text(standingKey(member), chat.Args{"Day": t.ShortDay(last)})
	}
	return t.Text(standingKey(member))
}

// banner stands above what is opened during the days of grace.
func banner(t *chat.Turn) chat.HTML {
	if member := t.Speaker.Member; member == nil || member.Access != staff.AccessGrace {
		return ""
	}
	return standingText(t)
}

// wayOut are the buttons of who is refused: to the subscription, if it is open to
// them, and to their other clinics.
func (b *Bot) wayOut(t *chat.Turn) (rows [][]chat.Button) {
	if t.Speaker.May(staff.RightSeeSubscription) {
		rows = append(rows, chat.Row(chat.Button{Label: t.Plain("button.subscription"), Data: "subscription"}))
	}
	if len(t.Speaker.Memberships) > 1 {
		rows = append(rows, chat.Row(chat.Button{Label: t.Plain("button.clinic"), Data: "clinic"}))
	}
	return rows
}

// standingKey names the words for a clinic's standing, to whoever can do
// something about it and to the others.
func standingKey(member *staff.Member) string {
	key := "access." + string(member.Standing.Status)
	if member.Role == staff.RoleClinicOwner {
		return key + ".clinic_owner"
	}
	return key + ".others"
}
