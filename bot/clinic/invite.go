package clinic

import (
	"context"

	"vetalyze/bot/chat"
	"vetalyze/bot/fields"
	"vetalyze/bot/form"
	"vetalyze/internal/dialog"
	"vetalyze/internal/staff"
)

const (
	fieldRole  = "role"
	fieldName  = "name"
	fieldPhone = "phone"
)

// inviting is the conversation in which a clinic owner invites a colleague.
func (c *Clinic) inviting() *form.Form {
	name := fields.Name(fieldName)
	name.AcceptContact = fields.Person(fieldName, fieldPhone, fields.OfClinic)
	return &form.Form{
		Name: "invite", Texts: "clinic.invite", Right: staff.RightManageStaff,
		Fields: []form.Field{
			{Name: fieldRole, Choices: roles, Show: showRole},
			name,
			fields.Phone(fieldPhone, fieldName, fields.OfClinic),
		},
		Save: c.invite,
	}
}

func (c *Clinic) beginInviting(ctx context.Context, t *chat.Turn) error {
	return c.forms.Begin(ctx, t, "invite", dialog.NewAnswers())
}

func (c *Clinic) invite(ctx context.Context, t *chat.Turn, key form.Key, answers dialog.Answers) (chat.Screen, error) {
	token, err := c.staff.Invite(ctx, *t.Speaker.Member, staff.Invitation{
		Key:   key,
		Role:  staff.Role(answers.Item[fieldRole]),
		Name:  answers.Item[fieldName],
		Phone: answers.Item[fieldPhone],
	})
	if err != nil {
		return chat.Screen{}, refusal(err)
	}
	return c.linkScreen(t, answers.Item[fieldName], token), nil
}

func roles(_ context.Context, s form.Step) ([]form.Choice, error) {
	var choices []form.Choice
	for _, role := range []staff.Role{staff.RoleReceptionist, staff.RoleDoctor} {
		choices = append(choices, form.Choice{Value: string(role), Label: s.Plain("role." + string(role))})
	}
	return choices, nil
}

func showRole(_ context.Context, s form.Step, role string) (string, error) {
	return s.Plain("role." + role), nil
}
