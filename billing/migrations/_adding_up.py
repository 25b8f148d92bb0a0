"""Sums that the database itself checks when a transaction ends, whoever writes."""

# Deferred triggers run at commit, when within() has already put the organization back; the row that fired
# says whose books are looked at. Two writers of one invoice meet on its row lock before they get here.
MONEY_ADDS_UP = """
CREATE FUNCTION billing_money_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed jsonb := to_jsonb(COALESCE(NEW, OLD));
    former text := current_setting('app.organization', true);
    wrong boolean;
BEGIN
    PERFORM set_config('app.organization', changed ->> 'organization_id', true);
    wrong := EXISTS (
        SELECT FROM billing_invoice i
        WHERE i.id = (CASE TG_TABLE_NAME WHEN 'billing_invoice' THEN changed ->> 'id'
                                         ELSE changed ->> 'invoice_id' END)::uuid
        AND i.applied_minor <> (SELECT COALESCE(sum(amount_minor), 0)
                                FROM billing_allocation WHERE invoice_id = i.id)
    ) OR EXISTS (
        SELECT FROM billing_payment p
        WHERE p.id = (CASE TG_TABLE_NAME WHEN 'billing_payment' THEN changed ->> 'id'
                                         ELSE changed ->> 'payment_id' END)::uuid
        AND p.allocated_minor <> (SELECT COALESCE(sum(amount_minor), 0)
                                  FROM billing_allocation WHERE payment_id = p.id)
    );
    PERFORM set_config('app.organization', COALESCE(former, ''), true);
    IF wrong THEN
        RAISE EXCEPTION 'what is applied differs from the allocations'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_money_adds_up';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER money_adds_up AFTER INSERT OR UPDATE OR DELETE ON billing_allocation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_money_adds_up();
CREATE CONSTRAINT TRIGGER money_adds_up AFTER UPDATE ON billing_invoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.applied_minor <> NEW.applied_minor) EXECUTE FUNCTION billing_money_adds_up();
CREATE CONSTRAINT TRIGGER money_adds_up_from_the_start AFTER INSERT ON billing_invoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.applied_minor <> 0) EXECUTE FUNCTION billing_money_adds_up();
CREATE CONSTRAINT TRIGGER money_adds_up AFTER UPDATE ON billing_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.allocated_minor <> NEW.allocated_minor) EXECUTE FUNCTION billing_money_adds_up();
CREATE CONSTRAINT TRIGGER money_adds_up_from_the_start AFTER INSERT ON billing_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.allocated_minor <> 0) EXECUTE FUNCTION billing_money_adds_up();
"""

MONEY_NEED_NOT = "DROP FUNCTION billing_money_adds_up() CASCADE"

CREDIT_ADDS_UP = """
CREATE FUNCTION billing_credit_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed jsonb := to_jsonb(COALESCE(NEW, OLD));
    former text := current_setting('app.organization', true);
    wrong boolean;
BEGIN
    PERFORM set_config('app.organization', changed ->> 'organization_id', true);
    wrong := EXISTS (
        SELECT FROM billing_creditmemo m
        WHERE m.id = (CASE TG_TABLE_NAME WHEN 'billing_creditmemo' THEN changed ->> 'id'
                                         ELSE changed ->> 'credit_memo_id' END)::uuid
        AND m.applied_minor <> (SELECT COALESCE(sum(amount_minor), 0)
                                FROM billing_credituse WHERE credit_memo_id = m.id)
    ) OR EXISTS (
        SELECT FROM billing_payment p
        WHERE p.id = (CASE TG_TABLE_NAME WHEN 'billing_payment' THEN changed ->> 'id'
                                         ELSE changed ->> 'payment_id' END)::uuid
        AND p.credit_minor <> (SELECT COALESCE(sum(amount_minor), 0)
                               FROM billing_credituse WHERE payment_id = p.id)
    );
    PERFORM set_config('app.organization', COALESCE(former, ''), true);
    IF wrong THEN
        RAISE EXCEPTION 'what is used of a credit memo differs from the uses'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_credit_adds_up';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER credit_adds_up AFTER INSERT OR UPDATE OR DELETE ON billing_credituse
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_credit_adds_up();
CREATE CONSTRAINT TRIGGER credit_adds_up AFTER UPDATE ON billing_creditmemo
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.applied_minor <> NEW.applied_minor) EXECUTE FUNCTION billing_credit_adds_up();
CREATE CONSTRAINT TRIGGER credit_adds_up_from_the_start AFTER INSERT ON billing_creditmemo
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.applied_minor <> 0) EXECUTE FUNCTION billing_credit_adds_up();
CREATE CONSTRAINT TRIGGER credit_adds_up AFTER UPDATE ON billing_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.credit_minor <> NEW.credit_minor) EXECUTE FUNCTION billing_credit_adds_up();
CREATE CONSTRAINT TRIGGER credit_adds_up_from_the_start AFTER INSERT ON billing_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.credit_minor <> 0) EXECUTE FUNCTION billing_credit_adds_up();
"""

CREDIT_NEED_NOT = "DROP FUNCTION billing_credit_adds_up() CASCADE"

REFUNDS_ADD_UP = """
CREATE FUNCTION billing_refunds_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed jsonb := to_jsonb(COALESCE(NEW, OLD));
    former text := current_setting('app.organization', true);
    wrong boolean;
BEGIN
    PERFORM set_config('app.organization', changed ->> 'organization_id', true);
    wrong := EXISTS (
        SELECT FROM billing_payment p
        WHERE p.id = (CASE TG_TABLE_NAME WHEN 'billing_payment' THEN changed ->> 'id'
                                         ELSE changed ->> 'payment_id' END)::uuid
        AND p.paid_back_minor <> (SELECT COALESCE(sum(amount_minor), 0)
                                  FROM billing_refund WHERE payment_id = p.id AND voided_at IS NULL)
    );
    PERFORM set_config('app.organization', COALESCE(former, ''), true);
    IF wrong THEN
        RAISE EXCEPTION 'what was paid back differs from the refunds'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_refunds_add_up';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER refunds_add_up AFTER INSERT OR UPDATE OR DELETE ON billing_refund
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_refunds_add_up();
CREATE CONSTRAINT TRIGGER refunds_add_up AFTER UPDATE ON billing_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.paid_back_minor <> NEW.paid_back_minor) EXECUTE FUNCTION billing_refunds_add_up();
CREATE CONSTRAINT TRIGGER refunds_add_up_from_the_start AFTER INSERT ON billing_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.paid_back_minor <> 0) EXECUTE FUNCTION billing_refunds_add_up();
"""

REFUNDS_NEED_NOT = "DROP FUNCTION billing_refunds_add_up() CASCADE"
