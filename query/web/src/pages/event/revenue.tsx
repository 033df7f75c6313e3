//! Payments and refunds by currency. Amounts of different currencies are not added up.

import type { Figures } from "../../api/types";
import { DataTable } from "../../parts/data_table";
import { Panel } from "../../parts/panel";
import { t } from "../../text/language";
import { integer, money } from "../../text/numbers";

export function RevenuePanel({ figures }: { figures: Pick<Figures, "revenue"> }) {
  return (
    <Panel id="revenue" title={t("revenue")}>
      <DataTable
        caption={t("revenue")}
        rows={figures.revenue ?? []}
        columns={[
          { name: t("currency"), value: ({ currency }) => currency || t("noCurrency") },
          { name: t("paid"), value: ({ amountCents, currency }) => money(amountCents, currency) },
          { name: t("paymentCount"), value: ({ payments }) => integer(payments) },
          { name: t("refunded"), value: ({ refundedCents, currency }) => money(refundedCents, currency) },
          { name: t("net"), value: ({ amountCents, refundedCents, currency }) => money(amountCents - refundedCents, currency) },
        ]}
      />
    </Panel>
  );
}
