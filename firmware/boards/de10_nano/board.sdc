create_clock -name clk_pin -period 20.000 [get_ports clk_pin]
derive_clock_uncertainty
