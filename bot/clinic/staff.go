package clinic

import (
	"context"
	"strconv"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

// What /staff can do: "staff", "staff:invite", "staff:7", "staff:stop:7".
const (
	actInvite     = "invite"
	actStopped    = "stopped"
	actShow       = "show"
	actStop       = "stop"
	actStopSure   = "stop_sure"
	actReactivate = "reactivate"
	actNewLink    = "link"
)

// open shows the clinic's staff, or does what a button under it asks for.
func (c *Clinic) open(ctx context.Context, t *chat.Turn, argument string) error {
	action, id, _ := strings.Cut(argument, ":")
	if action == actInvite {
		return c.beginInviting(ctx, t)
	}
	if action == "" || action == actStopped || t.Input.Tap == nil {
		return c.list(ctx, t, action == actStopped)
	}
	staffID, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return t.Decline(ctx, "form.expired")
	}
	member := *t.Speaker.Member
	switch action {
	case actShow:
		return c.showColleague(ctx, t, staffID)
	case actStop:
		return c.askToStop(ctx, t, staffID)
	case actStopSure:
		return c.after(ctx, t, staffID, c.staff.Stop(ctx, member, staffID), "clinic.staff.was_stopped")
	case actReactivate:
		return c.after(ctx, t, staffID, c.staff.Reactivate(ctx, member, staffID), "clinic.staff.was_reactivated")
	case actNewLink:
		token, err := c.staff.NewLink(ctx, member, staffID)
		if err != nil {
			return c.after(ctx, t, staffID, err, "")
		}
		return c.showLink(ctx, t, staffID, token)
	}
	return t.Decline(ctx, "form.expired")
}

// listed is how many colleagues stand in one list: Telegram takes 100 buttons.
const listed = 60

// list shows who works at the clinic, or who was stopped, a button each.
func (c *Clinic) list(ctx context.Context, t *chat.Turn, stopped bool) error {
	colleagues, err := c.staff.List(ctx, *t.Speaker.Member)
	if err != nil {
		return err
	}
	var lines []chat.HTML
	var buttons []chat.Button
	others := 0
	for _, colleague := range colleagues {
		if colleague.Stopped() != stopped || len(lines) == listed {
			others++
			continue
		}
		lines = append(lines, t.Text("clinic.staff.line", chat.Args{
			"Name": chat.Shorten(colleague.Name, 40), "Role": t.Text("role." + string(colleague.Role)), "State": t.Text(stateKey(colleague)),
		}))
		if colleague.Role != staff.RoleClinicOwner {
			buttons = append(buttons, button(chat.Shorten(colleague.Name, 30), actShow, colleague.ID))
		}
	}
	rows := [][]chat.Button{{{Label: t.Plain("clinic.staff.invite"), Data: chat.Data(routeStaff, actInvite)}}}
	rows = append(rows, chat.Columns(2, buttons)...)
	switch {
	case stopped:
		rows = append(rows[1:], c.backToList(t))
	case others > 0:
		rows = append(rows, chat.Row(chat.Button{
			Label: t.Plain("clinic.staff.stopped", chat.Args{"Count": others}), Data: chat.Data(routeStaff, actStopped),
		}))
	}
	_, err = t.Show(ctx, chat.Screen{
		Text: chat.Paragraphs(t.Text("clinic.staff.title", chat.Args{"Clinic": t.Speaker.Member.ClinicName}), chat.Lines(lines...)),
		Rows: rows,
	})
	return err
}

// showColleague shows one member with what can be done about them.
func (c *Clinic) showColleague(ctx context.Context, t *chat.Turn, staffID int64) error {
	colleague, err := c.staff.Colleague(ctx, *t.Speaker.Member, staffID)
	if err != nil {
		return c.after(ctx, t, staffID, err, "")
	}
	var rows [][]chat.Button
	switch {
	case colleague.Role == staff.RoleClinicOwner:
	case colleague.Stopped():
		rows = append(rows, chat.Row(button(t.Plain("clinic.staff.reactivate"), actReactivate, staffID)))
	default:
		rows = append(rows,
			chat.Row(button(t.Plain("clinic.staff.new_link"), actNewLink, staffID)),
			chat.Row(button(t.Plain("clinic.staff.stop"), actStop, staffID)))
	}
	_, err = t.Show(ctx, chat.Screen{
		Text: t.Text("clinic.staff.card", chat.Args{
			"Name": colleague.Name, "Role": t.Text("role." + string(colleague.Role)), "State": t.Text(stateKey(colleague)),
			"Phone": chat.Code(registry.ShowPhone(colleague.Phone, t.Speaker.Member.Country)),
		}),
		Rows: append(rows, c.backToList(t)),
	})
	return err
}

func (c *Clinic) askToStop(ctx context.Context, t *chat.Turn, staffID int64) error {
	colleague, err := c.staff.Colleague(ctx, *t.Speaker.Member, staffID)
	if err != nil {
		return c.after(ctx, t, staffID, err, "")
	}
	_, err = t.Show(ctx, chat.Screen{
		Text: t.Text("clinic.staff.ask_stop", chat.Args{"Name": colleague.Name}),
		Rows: [][]chat.Button{
			{button(t.Plain("clinic.staff.stop_sure"), actStopSure, staffID)},
			{button(t.Plain("form.back"), actShow, staffID)},
		},
	})
	return err
}

// after tells how a change went and shows the member as they are now.
func (c *Clinic) after(ctx context.Context, t *chat.Turn, staffID int64, err error, done string) error {
	if err != nil {
		key := reason(err)
		if key == "" {
			return err
		}
		return t.Decline(ctx, key)
	}
	if err := t.Toast(ctx, t.Plain(done)); err != nil {
		return err
	}
	return c.showColleague(ctx, t, staffID)
}

// showLink shows an invitation in words that can be forwarded.
func (c *Clinic) showLink(ctx context.Context, t *chat.Turn, staffID int64, token string) error {
	colleague, err := c.staff.Colleague(ctx, *t.Speaker.Member, staffID)
	if err != nil {
		return c.after(ctx, t, staffID, err, "")
	}
	_, err = t.Show(ctx, c.linkScreen(t, colleague.Name, token))
	return err
}

func (c *Clinic) linkScreen(t *chat.Turn, name, token string) chat.Screen {
	return chat.Screen{
		Text: t.Text("clinic.staff.link", chat.Args{
			"Name": name, "Link": c.link(token),
			"Until": t.Moment(c.clock.Now().Add(staff.LinkLife), t.Speaker.Member.Zone()),
		}),
		Rows: [][]chat.Button{c.backToList(t)},
	}
}

func (c *Clinic) backToList(t *chat.Turn) []chat.Button {
	return chat.Row(chat.Button{Label: t.Plain("clinic.staff.all"), Data: routeStaff})
}

func button(label, action string, staffID int64) chat.Button {
	return chat.Button{Label: label, Data: chat.Data(routeStaff, action, strconv.FormatInt(staffID, 10))}
}

// stateKey is the text that says whether a member works here.
func stateKey(colleague staff.Colleague) string {
	switch {
	case colleague.Stopped():
		return "clinic.staff.state.stopped"
	case colleague.Joined():
		return "clinic.staff.state.active"
	case colleague.Invited():
		return "clinic.staff.state.invited"
	}
	return "clinic.staff.state.link_expired"
}
