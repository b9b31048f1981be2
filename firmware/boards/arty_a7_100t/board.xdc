# Digilent Arty A7-100T: where the ports of spikec_top are.
# Pin numbers: Arty-A7-100-Master.xdc of github.com/Digilent/digilent-xdc (CLK100MHZ, uart_txd_in, uart_rxd_out, ja[0]
# there).

# Oscillator.
set_property -dict {PACKAGE_PIN E3 IOSTANDARD LVCMOS33} [get_ports clk_pin]
create_clock -name clk_pin -period 10.000 [get_ports clk_pin]

# Serial line: channel B of the FT2232H.
set_property -dict {PACKAGE_PIN A9 IOSTANDARD LVCMOS33 PULLTYPE PULLUP} [get_ports uart_rx]
set_property -dict {PACKAGE_PIN D10 IOSTANDARD LVCMOS33} [get_ports uart_tx]

# Marker for a power meter: Pmod JA, pin 1.
set_property -dict {PACKAGE_PIN G13 IOSTANDARD LVCMOS33} [get_ports marker]

set_property CFGBVS VCCO [current_design]
set_property CONFIG_VOLTAGE 3.3 [current_design]
