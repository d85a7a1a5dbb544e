package admin

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"vetalyze/bot/chat"
	"vetalyze/bot/fields"
	"vetalyze/bot/form"
	"vetalyze/internal/dialog"
	"vetalyze/internal/money"
	"vetalyze/internal/reference"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

const (
	formPlan    = "plan"
	formEntry   = "entry"
	formCountry = "newcountry"

	// What a form knows of what it changes, without asking.
	keyID      = "id"
	keyVersion = "version"
	keyList    = "list"

	fieldNameEN   = "name_en"
	fieldNameAR   = "name_ar"
	fieldEmoji    = "emoji"
	fieldCurrency = "currency"
	fieldPrice    = "price"
	fieldDays     = "days"
	fieldAccounts = "accounts"
	fieldGrace    = "grace"
	fieldCode     = "code"
	fieldCalling  = "calling"
	fieldDecimals = "decimals"
	fieldZone     = "zone"

	usualGrace = 7
	longPlan   = 60 // characters of a plan's name
	longEntry  = 40
	longNation = 100
)

// planForm adds a plan, or changes what one sells from now on.
func (a *Admin) planForm() *form.Form {
	return &form.Form{
		Name: formPlan, Texts: "admin.plan", Right: staff.RightManageReference,
		Title: titleOf,
		Fields: []form.Field{
			nameField(fieldNameEN, longPlan),
			nameField(fieldNameAR, longPlan),
			{Name: fieldCurrency, Columns: 4, Choices: a.currencyChoices, Accept: a.acceptCurrency, Choose: chooseCurrency},
			{Name: fieldPrice, Accept: a.acceptPrice, Show: a.showPrice},
			{Name: fieldDays, Columns: 4, Choices: numberChoices(30, 90, 180, 365), Accept: acceptNumber(fieldDays, 1, 3660)},
			{Name: fieldAccounts, Columns: 4, Choices: numberChoices(2, 5, 10, 20), Accept: acceptNumber(fieldAccounts, 0, 10000)},
			{Name: fieldGrace, Columns: 4, Choices: numberChoices(0, 3, 7, 14), Accept: acceptNumber(fieldGrace, 0, 90)},
		},
		Save: a.savePlan,
	}
}

// titleOf tells forms that add from the same ones that change.
func titleOf(answers dialog.Answers) string {
	if answers.Item[keyID] == "" {
		return "title"
	}
	return "title_change"
}

func (a *Admin) beginChangingPlan(ctx context.Context, t *chat.Turn, id string) error {
	plans, err := a.reference.Plans(ctx)
	if err != nil {
		return err
	}
	planID, _ := strconv.Atoi(id)
	plan, ok := plans.ByID(planID)
	if !ok {
		return t.Decline(ctx, "admin.reference.gone")
	}
	answers := dialog.NewAnswers()
	answers.Item = dialog.Item{
		keyID: id, keyVersion: strconv.Itoa(plan.Version), fieldNameEN: plan.NameEN, fieldNameAR: plan.NameAR,
		fieldCurrency: plan.Currency, fieldPrice: strconv.FormatInt(plan.PriceMinor, 10), fieldDays: strconv.Itoa(plan.DurationDays),
		fieldAccounts: strconv.Itoa(plan.Accounts), fieldGrace: strconv.Itoa(plan.GraceDays),
	}
	return a.forms.Begin(ctx, t, formPlan, answers)
}

func (a *Admin) savePlan(ctx context.Context, t *chat.Turn, key form.Key, answers dialog.Answers) (chat.Screen, error) {
	item := answers.Item
	plan := reference.Plan{
		ID: number(item[keyID]), Version: number(item[keyVersion]), NameEN: item[fieldNameEN], NameAR: item[fieldNameAR],
		DurationDays: number(item[fieldDays]), Accounts: number(item[fieldAccounts]), GraceDays: number(item[fieldGrace]),
		PriceMinor: int64(number(item[fieldPrice])), Currency: item[fieldCurrency], Position: 0,
	}
	var err error
	if plan.ID == 0 {
		_, err = a.reference.AddPlan(ctx, t.Speaker, key, plan)
	} else {
		err = a.reference.ChangePlan(ctx, t.Speaker, plan)
	}
	if err != nil {
		return chat.Screen{}, refuseReference(err)
	}
	return a.savedEntry(t, reference.ListPlans, plan.NameEN, plan.NameAR), nil
}

func (a *Admin) savedEntry(t *chat.Turn, list reference.List, nameEN, nameAR string) chat.Screen {
	return chat.Screen{
		Text: t.Text("admin.reference.saved", chat.Args{"Name": t.Choose(nameEN, nameAR)}),
		Rows: [][]chat.Button{backToEntries(t, list)},
	}
}

// entryForm adds or renames a payment method, species or channel, and renames a country.
func (a *Admin) entryForm() *form.Form {
	return &form.Form{
		Name: formEntry, Texts: "admin.entry", Right: staff.RightManageReference,
		Title: func(answers dialog.Answers) string { return answers.Item[keyList] + "_" + titleOf(answers) },
		Fields: []form.Field{
			entryName(fieldNameEN),
			entryName(fieldNameAR),
			{Name: fieldEmoji, Skippable: true, Applies: hasEmoji, Accept: acceptEmoji},
		},
		Save: a.saveEntry,
	}
}

// entryName asks for a name as long as the list allows.
func entryName(name string) form.Field {
	field := nameField(name, longEntry)
	country := nameField(name, longNation)
	return form.Field{Name: name, Accept: func(ctx context.Context, s form.Step, typed string) error {
		if reference.List(s.Item[keyList]) == reference.ListCountries {
			return country.Accept(ctx, s, typed)
		}
		return field.Accept(ctx, s, typed)
	}}
}

func hasEmoji(_ context.Context, s form.Step) (bool, error) {
	list := reference.List(s.Item[keyList])
	return list == reference.ListSpecies || list == reference.ListChannels, nil
}

func acceptEmoji(_ context.Context, s form.Step, typed string) error {
	typed = strings.TrimSpace(typed)
	if strings.ContainsAny(typed, "<>& \n") || utf8.RuneCountInString(typed) > 8 || isASCII(typed) ||
		!utf8.ValidString(typed) || strings.Map(plainRune, typed) != typed {
		return form.Refuse("admin.entry.emoji.not", nil)
	}
	s.Item[fieldEmoji] = typed
	return nil
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
}

func (a *Admin) saveEntry(ctx context.Context, t *chat.Turn, key form.Key, answers dialog.Answers) (chat.Screen, error) {
	item := answers.Item
	list := reference.List(item[keyList])
	entry := reference.Entry{ID: item[keyID], NameEN: item[fieldNameEN], NameAR: item[fieldNameAR], Emoji: item[fieldEmoji]}
	var err error
	if entry.ID == "" {
		err = a.reference.AddEntry(ctx, t.Speaker, list, key, entry)
	} else {
		err = a.reference.Rename(ctx, t.Speaker, list, entry)
	}
	if err != nil {
		return chat.Screen{}, refuseReference(err)
	}
	return a.savedEntry(t, list, entry.NameEN, entry.NameAR), nil
}

// countryForm adds a country that the list of ISO 3166 did not have.
func (a *Admin) countryForm() *form.Form {
	return &form.Form{
		Name: formCountry, Texts: "admin.country", Right: staff.RightManageReference,
		Fields: []form.Field{
			{Name: fieldCode, Accept: acceptCode(fieldCode, 2, "admin.country.code.not")},
			nameField(fieldNameEN, longNation),
			nameField(fieldNameAR, longNation),
			{Name: fieldCalling, Accept: acceptNumber(fieldCalling, 1, 999)},
			{Name: fieldCurrency, Columns: 4, Choices: a.currencyChoices, Accept: acceptCode(fieldCurrency, 3, "admin.country.currency.not")},
			{Name: fieldDecimals, Columns: 3, Choices: numberChoices(0, 2, 3), Accept: acceptNumber(fieldDecimals, 0, 4)},
			{Name: fieldZone, Accept: acceptZone},
		},
		Save: a.saveCountry,
	}
}

func (a *Admin) saveCountry(ctx context.Context, t *chat.Turn, _ form.Key, answers dialog.Answers) (chat.Screen, error) {
	item := answers.Item
	err := a.reference.AddCountry(ctx, t.Speaker, reference.Country{
		Code: item[fieldCode], CallingCode: number(item[fieldCalling]), NameEN: item[fieldNameEN], NameAR: item[fieldNameAR],
		Currency: item[fieldCurrency], CurrencyExponent: number(item[fieldDecimals]), TimeZone: item[fieldZone],
	})
	if err != nil {
		return chat.Screen{}, refuseReference(err)
	}
	return a.savedEntry(t, reference.ListCountries, item[fieldNameEN], item[fieldNameAR]), nil
}

func acceptCode(field string, letters int, refusal string) func(context.Context, form.Step, string) error {
	return func(_ context.Context, s form.Step, typed string) error {
		code := strings.ToUpper(strings.TrimSpace(typed))
		if len(code) != letters || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return form.Refuse(refusal, nil)
		}
		s.Item[field] = code
		return nil
	}
}

func acceptZone(_ context.Context, s form.Step, typed string) error {
	typed = strings.TrimSpace(typed)
	if _, err := time.LoadLocation(typed); err != nil || !strings.Contains(typed, "/") {
		return form.Refuse("admin.country.zone.not", nil)
	}
	s.Item[fieldZone] = typed
	return nil
}

// nameField asks for a name of a length.
func nameField(name string, longest int) form.Field {
	return form.Field{Name: name, Accept: func(_ context.Context, s form.Step, typed string) error {
		kept, err := registry.ParseName(typed)
		if err != nil {
			return fields.Refusal(err)
		}
		if utf8.RuneCountInString(kept) > longest {
			return form.Refuse("invalid.text.too_long", nil)
		}
		s.Item[name] = kept
		return nil
	}}
}

// acceptNumber reads a whole number in digits of any script.
func acceptNumber(field string, least, most int64) func(context.Context, form.Step, string) error {
	return func(_ context.Context, s form.Step, typed string) error {
		n, err := money.Parse(typed, money.Currency{})
		if err != nil || n < least || n > most {
			return form.Refuse("admin.number_between", chat.Args{"Least": least, "Most": most})
		}
		s.Item[field] = strconv.FormatInt(n, 10)
		return nil
	}
}

func numberChoices(numbers ...int) func(context.Context, form.Step) ([]form.Choice, error) {
	return func(context.Context, form.Step) ([]form.Choice, error) {
		var choices []form.Choice
		for _, n := range numbers {
			choices = append(choices, form.Choice{Value: strconv.Itoa(n), Label: strconv.Itoa(n)})
		}
		return choices, nil
	}
}

// number is an answer that acceptNumber has checked.
func number(answer string) int {
	n, _ := strconv.Atoi(answer)
	return n
}
