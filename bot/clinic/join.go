package clinic

import (
	"context"
	"errors"

	"github.com/go-telegram/bot/models"

	"vetalyze/bot/chat"
	"vetalyze/bot/form"
	"vetalyze/internal/dialog"
	"vetalyze/internal/staff"
)

const (
	fieldInvite  = "invite"
	fieldContact = "contact"
	fieldClinic  = "clinic" // what the invitation says, to be told with the question
	fieldAs      = "as"
)

// joining is the conversation of somebody who follows an invitation: they prove
// by their own contact that they are the one who was invited.
func (c *Clinic) joining() *form.Form {
	return &form.Form{
		Name: "join", Texts: "clinic.join", Right: staff.RightNone, Brief: true, Personal: true,
		Fields: []form.Field{
			{Name: fieldInvite, Hidden: true},
			{Name: fieldContact, Hidden: true, OwnContact: true, Args: invitedTo, Accept: refuseTypedPhone, AcceptContact: c.acceptOwnContact},
		},
		Save: c.join,
		Then: c.home,
	}
}

// Arrive answers somebody who opened the bot by a link with a token.
func (c *Clinic) Arrive(ctx context.Context, t *chat.Turn, token string) error {
	invite, err := c.staff.LookupInvite(ctx, t.Speaker.TelegramID, token)
	if errors.Is(err, staff.ErrTokenUsed) && t.Speaker.Admin {
		return c.home(ctx, t) // by themselves, a moment ago
	}
	if err != nil {
		return c.turnAway(ctx, t, err)
	}
	if invite.Admin {
		if err := c.staff.JoinAsAdmin(ctx, t.Speaker.TelegramID, token); err != nil {
			return c.turnAway(ctx, t, err)
		}
		if t.Speaker, err = c.staff.Find(ctx, t.Speaker.TelegramID, t.Speaker.Language); err != nil {
			return err
		}
		return c.home(ctx, t)
	}
	answers := dialog.NewAnswers()
	answers.Item[fieldInvite] = invite.Seal
	answers.Item[fieldClinic] = invite.ClinicName
	answers.Item[fieldAs] = string(invite.Role)
	return c.forms.Begin(ctx, t, "join", answers)
}

func invitedTo(_ context.Context, s form.Step) (chat.Args, error) {
	return chat.Args{"Clinic": s.Item[fieldClinic], "Role": s.Text("role." + s.Item[fieldAs])}, nil
}

// turnAway says why a token opens nothing.
func (c *Clinic) turnAway(ctx context.Context, t *chat.Turn, err error) error {
	key := reason(err)
	if key == "" {
		return err
	}
	c.log.InfoContext(ctx, "token refused", "reason", err)
	_, err = t.Send(ctx, chat.Screen{Text: t.Text(key)})
	return err
}

// refuseTypedPhone asks for the contact itself: a typed number proves nothing.
func refuseTypedPhone(context.Context, form.Step, string) error {
	return form.Refuse("clinic.join.not_typed", nil)
}

// acceptOwnContact takes the sender's own contact. Anybody can forward somebody
// else's; Telegram says whose it is.
func (c *Clinic) acceptOwnContact(_ context.Context, s form.Step, contact *models.Contact) error {
	if contact.UserID != s.Speaker.TelegramID {
		return refusal(staff.ErrNotOwnContact)
	}
	s.Item[fieldContact] = contact.PhoneNumber
	return nil
}

func (c *Clinic) join(ctx context.Context, t *chat.Turn, _ form.Key, answers dialog.Answers) (chat.Screen, error) {
	speaker, err := c.staff.Join(ctx, staff.Joining{
		TelegramID: t.Speaker.TelegramID,
		Language:   t.Speaker.Language,
		Seal:       answers.Item[fieldInvite],
		Phone:      answers.Item[fieldContact],
	})
	if err != nil {
		delete(answers.Item, fieldContact)
		return chat.Screen{}, refusal(err)
	}
	t.Speaker = speaker
	return chat.Screen{Text: t.Text("clinic.join.welcome", chat.Args{"Clinic": speaker.Member.ClinicName}), DropKeyboard: true}, nil
}
