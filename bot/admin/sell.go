package admin

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"vetalyze/bot/chat"
	"vetalyze/bot/fields"
	"vetalyze/bot/form"
	"vetalyze/internal/dialog"
	"vetalyze/internal/money"
	"vetalyze/internal/reference"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

const (
	formSell = "sell"

	fieldPlan      = "plan"
	fieldStart     = "start"
	fieldMethod    = "method"
	fieldReference = "reference"
	fieldExtra     = "extra"

	maxAhead = 2 * 366 // days from today to a start that is typed; what is further is a slip
)

// selling is the conversation in which an admin sells a clinic a term. What is not paid needs no payment method.
func (a *Admin) selling() *form.Form {
	return &form.Form{
		Name: formSell, Texts: "admin.sell", Right: staff.RightManageSubscriptions,
		Fields: []form.Field{
			{Name: fieldClinic, Fixed: true},
			{Name: fieldPlan, Columns: 1, Choices: a.planChoices, Choose: choosePlan, Show: a.showPlan},
			{Name: fieldStart, Columns: 1, Choices: a.startChoices, Accept: a.acceptStart, Show: showDay},
			{Name: fieldAmount, Columns: 1, Choices: a.amountChoices, Accept: a.acceptAmount, Show: a.showAmount},
			{Name: fieldMethod, Applies: isPaid, Choices: a.methodChoices, Show: a.showMethod},
			{Name: fieldReference, Applies: isPaid, Skippable: true, Accept: acceptReference},
			{Name: fieldExtra, Later: true, Skippable: true, Columns: 4, Choices: numberChoices(1, 2, 3, 5), Accept: acceptNumber(fieldExtra, 0, subscription.MaxAccounts)},
			{Name: fieldComment, Later: true, Skippable: true, Accept: acceptComment},
		},
		Save: a.saveSale,
	}
}

// beginSelling opens the form, unless the clinic can be sold nothing as it stands.
func (a *Admin) beginSelling(ctx context.Context, t *chat.Turn, clinicID int64) error {
	standing, err := a.subscriptions.CurrentOf(ctx, t.Speaker, clinicID)
	if key := refusalKey(err); key != "" {
		return t.Decline(ctx, key)
	}
	if err != nil {
		return err
	}
	plans, err := a.reference.Plans(ctx)
	if err != nil {
		return err
	}
	switch {
	case standing.Status == staff.ClinicDeactivated:
		return t.Decline(ctx, "admin.refused.deactivated")
	case hasSuspended(standing):
		return t.Decline(ctx, "admin.refused.suspended")
	case len(plans.Offered()) == 0:
		return t.Decline(ctx, "admin.sell.no_plans")
	}
	answers := dialog.NewAnswers()
	answers.Item = dialog.Item{keyID: short(clinicID), fieldClinic: standing.ClinicName}
	return a.forms.Begin(ctx, t, formSell, answers)
}

func hasSuspended(standing subscription.Standing) bool {
	for _, term := range standing.Terms {
		if term.Status == subscription.Suspended {
			return true
		}
	}
	return false
}

func (a *Admin) planChoices(ctx context.Context, s form.Step) ([]form.Choice, error) {
	plans, err := a.reference.Plans(ctx)
	if err != nil {
		return nil, err
	}
	var choices []form.Choice
	for _, plan := range plans.Offered() {
		currency, err := a.currency(ctx, plan.Currency)
		if err != nil {
			return nil, err
		}
		choices = append(choices, form.Choice{Value: strconv.Itoa(plan.ID), Label: s.Plain("admin.sell.plan.choice", chat.Args{
			"Plan": s.Choose(plan.NameEN, plan.NameAR), "Price": s.Money(plan.PriceMinor, currency),
			"Days": chat.HTML(s.Plain("age.days", chat.Args{"Count": plan.DurationDays})),
		})})
	}
	return choices, nil
}

// choosePlan keeps the plan. What another one was paid with is asked again.
func choosePlan(_ context.Context, s form.Step, id string) error {
	if s.Item[fieldPlan] != id {
		delete(s.Item, fieldAmount)
	}
	s.Item[fieldPlan] = id
	return nil
}

// planOf is the plan a sale is of, and its currency.
func (a *Admin) planOf(ctx context.Context, item dialog.Item) (reference.Plan, money.Currency, error) {
	plans, err := a.reference.Plans(ctx)
	if err != nil {
		return reference.Plan{}, money.Currency{}, err
	}
	plan, _ := plans.ByID(number(item[fieldPlan]))
	currency, err := a.currency(ctx, plan.Currency)
	return plan, currency, err
}

func (a *Admin) showPlan(ctx context.Context, s form.Step, _ string) (string, error) {
	plan, currency, err := a.planOf(ctx, s.Item)
	return s.Plain("admin.sell.plan.choice", chat.Args{
		"Plan": s.Choose(plan.NameEN, plan.NameAR), "Price": s.Money(plan.PriceMinor, currency),
		"Days": chat.HTML(s.Plain("age.days", chat.Args{"Count": plan.DurationDays})),
	}), err
}

// startChoices offers today, where the clinic has no term today, and the day right after all it has; after a term in
// grace also the day on which that ended.
func (a *Admin) startChoices(ctx context.Context, s form.Step) ([]form.Choice, error) {
	standing, err := a.subscriptions.CurrentOf(ctx, s.Speaker, long(s.Item[keyID]))
	if err != nil {
		return nil, err
	}
	choice := func(key string, day time.Time) form.Choice {
		return form.Choice{Value: day.Format(time.DateOnly), Label: s.Plain(key, chat.Args{"Day": s.ShortDay(day)})}
	}
	var choices []form.Choice
	if standing.Status != staff.ClinicActive {
		choices = append(choices, choice("admin.sell.start.today", standing.Today))
	}
	if standing.NextStart.After(standing.Today) {
		choices = append(choices, choice("admin.sell.start.after", standing.NextStart))
	}
	if end, ok := inGrace(standing); ok && end.Before(standing.Today) {
		choices = append(choices, choice("admin.sell.start.ended", end))
	}
	return choices, nil
}

// inGrace is the day on which the clinic's term in grace ended.
func inGrace(standing subscription.Standing) (time.Time, bool) {
	for _, term := range standing.Terms {
		if term.Status == subscription.Grace {
			return term.End, true
		}
	}
	return time.Time{}, false
}

func (a *Admin) acceptStart(ctx context.Context, s form.Step, typed string) error {
	standing, err := a.subscriptions.CurrentOf(ctx, s.Speaker, long(s.Item[keyID]))
	if err != nil {
		return err
	}
	day, ok := parseDay(typed, standing.Today)
	ended, graced := inGrace(standing)
	switch {
	case !ok:
		return form.Refuse("admin.sell.start.not", nil)
	case day.Before(standing.Today) && !(graced && day.Equal(ended)):
		return form.Refuse("admin.sell.start.past", nil)
	case day.After(standing.Today.AddDate(0, 0, maxAhead)):
		return form.Refuse("admin.sell.start.far", nil)
	}
	s.Item[fieldStart] = day.Format(time.DateOnly)
	return nil
}

func showDay(_ context.Context, s form.Step, kept string) (string, error) {
	day, err := isoDay(kept)
	return string(s.FullDay(day)), err
}

func (a *Admin) amountChoices(ctx context.Context, s form.Step) ([]form.Choice, error) {
	plan, currency, err := a.planOf(ctx, s.Item)
	if err != nil {
		return nil, err
	}
	label := s.Plain("admin.sell.amount.price", chat.Args{"Price": s.Money(plan.PriceMinor, currency)})
	return []form.Choice{{Value: strconv.FormatInt(plan.PriceMinor, 10), Label: label}}, nil
}

func (a *Admin) acceptAmount(ctx context.Context, s form.Step, typed string) error {
	_, currency, err := a.planOf(ctx, s.Item)
	if err != nil {
		return err
	}
	minor, err := money.Parse(typed, currency)
	if err != nil {
		return refuseAmount(err)
	}
	s.Item[fieldAmount] = strconv.FormatInt(minor, 10)
	return nil
}

func (a *Admin) showAmount(ctx context.Context, s form.Step, kept string) (string, error) {
	_, currency, err := a.planOf(ctx, s.Item)
	if err != nil {
		return "", err
	}
	minor, err := strconv.ParseInt(kept, 10, 64)
	return s.Money(minor, currency), err
}

func isPaid(_ context.Context, s form.Step) (bool, error) { return s.Item[fieldAmount] != "0", nil }

func (a *Admin) methodChoices(ctx context.Context, s form.Step) ([]form.Choice, error) {
	methods, err := a.reference.PaymentMethods(ctx)
	if err != nil {
		return nil, err
	}
	var choices []form.Choice
	for _, method := range methods.Offered() {
		choices = append(choices, form.Choice{Value: strconv.Itoa(method.ID), Label: s.Choose(method.NameEN, method.NameAR)})
	}
	return choices, nil
}

func (a *Admin) showMethod(ctx context.Context, s form.Step, id string) (string, error) {
	methods, err := a.reference.PaymentMethods(ctx)
	if err != nil {
		return "", err
	}
	method, _ := methods.ByID(number(id))
	return s.Choose(method.NameEN, method.NameAR), nil
}

func acceptReference(_ context.Context, s form.Step, typed string) error {
	kept, err := registry.ParseLine(typed, subscription.MaxReference)
	if err != nil {
		return fields.Refusal(err)
	}
	s.Item[fieldReference] = kept
	return nil
}

func (a *Admin) saveSale(ctx context.Context, t *chat.Turn, key form.Key, answers dialog.Answers) (chat.Screen, error) {
	item := answers.Item
	clinicID := long(item[keyID])
	start, err := isoDay(item[fieldStart])
	if err != nil {
		return chat.Screen{}, err
	}
	amount, err := strconv.ParseInt(item[fieldAmount], 10, 64)
	if err != nil {
		return chat.Screen{}, err
	}
	sale := subscription.Sale{
		Key: key, ClinicID: clinicID, PlanID: number(item[fieldPlan]), Start: start, AmountMinor: &amount,
		ExtraAccounts: number(item[fieldExtra]), Comment: item[fieldComment],
	}
	if amount > 0 {
		sale.MethodID, sale.Reference = number(item[fieldMethod]), strings.TrimSpace(item[fieldReference])
	}
	sold, err := a.subscriptions.Create(ctx, t.Speaker, sale)
	if err == nil {
		return a.termScreen(ctx, t, clinicID, sold.ID, "admin.sell.saved")
	}
	return chat.Screen{}, a.refuseSale(ctx, t, clinicID, item, err)
}

// refuseSale takes back the answer that a sale was refused for, so that it is asked again; what no answer can mend ends
// the dialog with the subscription as it is now.
func (a *Admin) refuseSale(ctx context.Context, t *chat.Turn, clinicID int64, item dialog.Item, err error) error {
	for _, mended := range []struct {
		err   error
		field string
	}{
		{subscription.ErrPlanRetired, fieldPlan},
		{subscription.ErrMethodRetired, fieldMethod},
		{subscription.ErrOverlap, fieldStart},
		{subscription.ErrStartPast, fieldStart},
		{subscription.ErrStartFar, fieldStart},
		{subscription.ErrAmount, fieldAmount},
		{subscription.ErrReference, fieldReference},
		{subscription.ErrAccounts, fieldExtra},
		{subscription.ErrComment, fieldComment},
	} {
		if errors.Is(err, mended.err) {
			delete(item, mended.field)
			if mended.field == fieldPlan {
				delete(item, fieldAmount) // of another plan it is another one, perhaps in another currency
			}
			return refuseTerm(err)
		}
	}
	if refusalKey(err) == "" {
		return err
	}
	screen, seen := a.termsScreen(ctx, t, clinicID, refusalKey(err))
	if seen != nil {
		return refuseTerm(err)
	}
	return &form.Departure{Screen: screen}
}
