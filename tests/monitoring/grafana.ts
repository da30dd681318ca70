// What Grafana's own types say of a dashboard. `tests/grafana-types.sh` writes the dashboards' JSON behind this and lets
// the compiler look at it, which refuses a key or a word that isn't known.

import type * as bargauge from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import type * as dashboard from '@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen';

// A file has words where the types have names for them.
type Plain<T> = T extends string
  ? `${T}`
  : T extends (infer One)[]
    ? Plain<One>[]
    : T extends object
      ? { [Key in keyof T]: Plain<T[Key]> }
      : T;

// What is left out has Grafana's default.
type Some<T> = T extends unknown[] ? T : T extends object ? { [Key in keyof T]?: Some<T[Key]> } : T;

type Source = { type: 'prometheus'; uid: '${datasource}' };

// The query of a Prometheus is no part of the schema.
interface Query {
  datasource: Source;
  refId: string;
  expr: string;
  legendFormat: string;
  instant: boolean;
  range: boolean;
  format?: 'time_series' | 'table' | 'heatmap';
}

type PanelOf<Type extends string, Options, Custom> = Omit<
  Plain<dashboard.Panel>,
  'type' | 'options' | 'fieldConfig' | 'targets' | 'datasource'
> & {
  type: Type;
  datasource: Source;
  targets: Query[];
  options: Some<Plain<Options>>;
  fieldConfig: Omit<Plain<dashboard.FieldConfigSource>, 'defaults'> & {
    defaults: Omit<Plain<dashboard.FieldConfig>, 'custom'> & { custom?: Some<Plain<Custom>> };
  };
};

type Panel =
  | PanelOf<'bargauge', bargauge.Options, Record<string, never>>
  | PanelOf<'stat', stat.Options, Record<string, never>>
  | PanelOf<'table', table.Options, table.FieldConfig>
  | PanelOf<'timeseries', timeseries.Options, timeseries.FieldConfig>
  | (Omit<Plain<dashboard.RowPanel>, 'type' | 'panels'> & { type: 'row'; panels: Panel[] });

// Where a line is drawn, by a query of Prometheus.
type Annotation = Plain<dashboard.AnnotationQuery> & {
  expr?: string;
  step?: string;
  titleFormat?: string;
  textFormat?: string;
};

// `definition` is what Grafana shows of a query in its list of variables.
type Variable = Plain<dashboard.VariableModel> & { definition?: string };

export type Dashboard = Omit<Plain<dashboard.Dashboard>, 'panels' | 'annotations' | 'templating'> & {
  panels: Panel[];
  templating: { list: Variable[] };
  annotations: { list: Annotation[] };
};
