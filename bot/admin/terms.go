package admin

import (
	"context"
	"errors"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/internal/subscription"
)

// What can be done about a clinic's subscription: "terms:clinic:1f", "terms:term:1f:2a", "terms:suspend:1f:2a".
const (
	actClinic  = "clinic"
	actTerm    = "term"
	actSell    = "sell"
	actHistory = "history"
	actSuspend = "suspend"
	actResume  = "resume"
	actRefund  = "refund"
	actExtend  = "extend"
	actCancel  = "cancel"
)

// openTerms shows the subscription of a clinic, or does what a button under it asks for.
func (a *Admin) openTerms(ctx context.Context, t *chat.Turn, argument string) error {
	parts := append(strings.SplitN(argument, ":", 3), "", "")
	action, clinicID, id := parts[0], long(parts[1]), long(parts[2])
	if clinicID == 0 {
		return t.Decline(ctx, "form.expired")
	}
	switch action {
	case actClinic:
		screen, err := a.termsScreen(ctx, t, clinicID, "")
		return a.showOrDecline(ctx, t, screen, err)
	case actHistory:
		return a.showHistory(ctx, t, clinicID, int(id))
	case actSell:
		return a.beginSelling(ctx, t, clinicID)
	case actTerm:
		screen, err := a.termScreen(ctx, t, clinicID, id, "")
		return a.showOrDecline(ctx, t, screen, err)
	case actSuspend, actResume, actRefund, actExtend, actCancel:
		return a.beginChangingTerm(ctx, t, action, clinicID, id)
	}
	return t.Decline(ctx, "form.expired")
}

// showOrDecline shows a screen, or says why there is none.
func (a *Admin) showOrDecline(ctx context.Context, t *chat.Turn, screen chat.Screen, err error) error {
	if key := refusalKey(err); key != "" {
		return t.Decline(ctx, key)
	}
	if err != nil {
		return err
	}
	_, err = t.Show(ctx, screen)
	return err
}

// termsScreen shows how a clinic stands and all its terms that are not over, a button each. The notice, if any, is the
// key of a text to stand above.
func (a *Admin) termsScreen(ctx context.Context, t *chat.Turn, clinicID int64, notice string) (chat.Screen, error) {
	standing, err := a.subscriptions.CurrentOf(ctx, t.Speaker, clinicID)
	if err != nil {
		return chat.Screen{}, err
	}
	var lines []chat.HTML
	var buttons []chat.Button
	for _, term := range standing.Terms {
		if isOver(term.Status) && (standing.Current == nil || standing.Current.ID != term.ID) {
			continue
		}
		lines = append(lines, termLine(t, "admin.terms.line", term))
		buttons = append(buttons, chat.Button{
			Label: t.Plain("admin.terms.open", chat.Args{"Plan": clip(planName(t, term), 30), "First": t.ShortDay(term.Start)}),
			Data:  chat.Data(routeTerms, actTerm, short(clinicID), short(term.ID)),
		})
	}
	if len(lines) == 0 {
		lines = append(lines, t.Text("admin.terms.none"))
	}
	rows := chat.Columns(1, buttons)
	rows = append(rows,
		chat.Row(
			chat.Button{Label: t.Plain("admin.clinic.sell"), Data: chat.Data(routeTerms, actSell, short(clinicID))},
			chat.Button{Label: t.Plain("admin.clinic.history"), Data: chat.Data(routeTerms, actHistory, short(clinicID))}),
		backToClinic(t, clinicID, standing.ClinicName))
	return chat.Screen{
		Text: chat.Paragraphs(said(t, notice), chat.Lines(
			t.Text("admin.terms.title", chat.Args{"Name": standing.ClinicName}),
			t.Text("standing."+string(standing.Status))), chat.Lines(lines...)),
		Rows: rows,
	}, nil
}

// said is the text of a notice; nothing for none.
func said(t *chat.Turn, notice string) chat.HTML {
	if notice == "" {
		return ""
	}
	return t.Text(notice)
}

func isOver(status subscription.Status) bool {
	return status == subscription.Ended || status == subscription.Refunded || status == subscription.Cancelled
}

func planName(t *chat.Turn, term subscription.Term) string { return t.Choose(term.PlanEN, term.PlanAR) }

func termLine(t *chat.Turn, key string, term subscription.Term) chat.HTML {
	return t.Text(key, chat.Args{
		"Status": t.Text("term." + string(term.Status)), "Plan": planName(t, term),
		"First": t.ShortDay(term.Start), "Last": t.ShortDay(term.LastDay()),
	})
}

func backToClinic(t *chat.Turn, clinicID int64, name string) []chat.Button {
	return chat.Row(chat.Button{
		Label: t.Plain("admin.clinic.back", chat.Args{"Name": clip(name, 40)}), Data: chat.Data(routeClinics, actCard, short(clinicID)),
	})
}

// term finds one term of a clinic as it is today.
func (a *Admin) term(ctx context.Context, t *chat.Turn, clinicID, termID int64) (subscription.Standing, subscription.Term, error) {
	standing, err := a.subscriptions.CurrentOf(ctx, t.Speaker, clinicID)
	if err != nil {
		return standing, subscription.Term{}, err
	}
	for _, term := range standing.Terms {
		if term.ID == termID {
			return standing, term, nil
		}
	}
	return standing, subscription.Term{}, subscription.ErrNotFound
}

// termScreen shows one term with what can be done about it as it stands.
func (a *Admin) termScreen(ctx context.Context, t *chat.Turn, clinicID, termID int64, notice string) (chat.Screen, error) {
	standing, term, err := a.term(ctx, t, clinicID, termID)
	if err != nil {
		return chat.Screen{}, err
	}
	about, err := a.aboutTerm(ctx, t, standing.ClinicName, term)
	if err != nil {
		return chat.Screen{}, err
	}
	var buttons []chat.Button
	for _, action := range []string{actSuspend, actResume, actExtend, actRefund, actCancel} {
		if refuseChange(action, term) == "" {
			buttons = append(buttons, chat.Button{
				Label: t.Plain("admin.term." + action), Data: chat.Data(routeTerms, action, short(clinicID), short(termID)),
			})
		}
	}
	rows := append(chat.Columns(2, buttons),
		chat.Row(
			chat.Button{Label: t.Plain("admin.terms.back"), Data: chat.Data(routeTerms, actClinic, short(clinicID))},
			chat.Button{Label: t.Plain("admin.clinic.history"), Data: chat.Data(routeTerms, actHistory, short(clinicID))}),
		backToClinic(t, clinicID, standing.ClinicName))
	return chat.Screen{Text: chat.Paragraphs(said(t, notice), about), Rows: rows}, nil
}

// aboutTerm says all there is to say about a term.
func (a *Admin) aboutTerm(ctx context.Context, t *chat.Turn, clinicName string, term subscription.Term) (chat.HTML, error) {
	lines := []chat.HTML{t.Text("admin.term.card", chat.Args{
		"Status": t.Text("term." + string(term.Status)), "Plan": planName(t, term), "Name": clinicName,
		"First": t.ShortDay(term.Start), "Last": t.ShortDay(term.LastDay()),
	})}
	days := t.Text("age.days", chat.Args{"Count": term.DaysLeft})
	switch term.Status {
	case subscription.Active:
		lines = append(lines, t.Text("admin.term.days", chat.Args{"Days": days}))
	case subscription.Suspended:
		lines = append(lines, t.Text("admin.term.frozen", chat.Args{"Day": t.ShortDay(term.FrozenOn), "Days": days}))
	}
	key := "admin.term.money"
	if term.Refunded.Minor > 0 {
		key = "admin.term.money_refunded"
	}
	lines = append(lines, t.Text(key, chat.Args{"Price": sum(t, term.Price), "Paid": sum(t, term.Paid), "Refunded": sum(t, term.Refunded)}))
	method, err := a.methodLine(ctx, t, term)
	if err != nil {
		return "", err
	}
	accounts := t.Text("admin.accounts", chat.Args{"Count": term.Accounts})
	return chat.Lines(append(lines, method, t.Text("admin.term.accounts", chat.Args{"Accounts": accounts, "Extra": term.ExtraAccounts}))...), nil
}

func (a *Admin) methodLine(ctx context.Context, t *chat.Turn, term subscription.Term) (chat.HTML, error) {
	if term.MethodID == 0 {
		return "", nil
	}
	methods, err := a.reference.PaymentMethods(ctx)
	if err != nil {
		return "", err
	}
	method, _ := methods.ByID(term.MethodID)
	args := chat.Args{"Method": t.Choose(method.NameEN, method.NameAR), "Reference": term.Reference}
	if term.Reference == "" {
		return t.Text("admin.term.method", args), nil
	}
	return t.Text("admin.term.method_reference", args), nil
}

// sum writes an amount.
func sum(t *chat.Turn, m subscription.Money) string { return t.Money(m.Minor, m.Currency) }

// refusals names the text that tells why the subscriptions would not do something.
var refusals = []struct {
	err error
	key string
}{
	{subscription.ErrNotFound, "admin.terms.gone"},
	{subscription.ErrStale, "admin.refused.stale"},
	{subscription.ErrOverlap, "admin.sell.start.overlap"},
	{subscription.ErrPlanRetired, "admin.sell.plan.retired"},
	{subscription.ErrMethodRetired, "admin.sell.method.retired"},
	{subscription.ErrDeactivated, "admin.refused.deactivated"},
	{subscription.ErrOpenSuspension, "admin.refused.suspended"},
	{subscription.ErrStartPast, "admin.sell.start.past"},
	{subscription.ErrStartFar, "admin.sell.start.far"},
	{subscription.ErrAmount, "admin.refused.amount"},
	{subscription.ErrRefundTooMuch, "admin.refused.overdrawn"},
	{subscription.ErrReference, "admin.refused.reference"},
	{subscription.ErrAccounts, "admin.refused.extra"},
	{subscription.ErrDays, "admin.refused.days"},
	{subscription.ErrComment, "admin.refused.comment"},
	{subscription.ErrNotActive, "admin.refused.not_active"},
	{subscription.ErrNotSuspended, "admin.refused.not_suspended"},
	{subscription.ErrNotRefundable, "admin.refused.not_refundable"},
	{subscription.ErrNotCancellable, "admin.refused.not_cancellable"},
	{subscription.ErrHasTerm, "admin.refused.has_terms"},
	{subscription.ErrHadTerm, "admin.refused.has_history"},
	{subscription.ErrHasOwners, "admin.refused.has_owners"},
}

// refusalKey finds the text for an error; empty when the error is nobody's doing.
func refusalKey(err error) string {
	for _, known := range refusals {
		if errors.Is(err, known.err) {
			return known.key
		}
	}
	return ""
}
